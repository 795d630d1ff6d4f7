//! Tags whose keys begin with `aws:`: only services of AWS put them. Here that is CloudFormation,
//! which marks what belongs to a stack.

/// What CloudFormation's keys begin with.
const OF_CLOUDFORMATION: &str = "aws:cloudformation:";

tokio::task_local! {
    /// Is there while CloudFormation uses another service.
    static FOR_CLOUDFORMATION: ();
}

/// Does something that may put CloudFormation's tags.
pub(crate) async fn let_in<T>(doing: impl Future<Output = T>) -> T {
    FOR_CLOUDFORMATION.scope((), doing).await
}

/// Whether a key is one that only AWS puts.
pub(crate) fn are_of_aws(key: &str) -> bool {
    key.to_ascii_lowercase().starts_with("aws:")
}

/// Whether who asks now must not put a tag with this key.
pub(crate) fn are_reserved(key: &str) -> bool {
    let is_let_in = || FOR_CLOUDFORMATION.try_with(|()| ()).is_ok();
    are_of_aws(key) && !(key.starts_with(OF_CLOUDFORMATION) && is_let_in())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_cloudformation_puts_its_tags() {
        assert!(are_reserved("aws:cloudformation:stack-name"));
        assert!(!are_reserved("Project"));
        let_in(async {
            assert!(!are_reserved("aws:cloudformation:stack-name"));
            assert!(are_reserved("aws:other"));
        })
        .await;
        assert!(are_reserved("aws:cloudformation:stack-name"));
    }
}
