//! The exam guide of *AWS Certified DevOps Engineer – Professional* (DOP-C02): its domains, how much
//! each counts, and their tasks.
//!
//! Source: <https://docs.aws.amazon.com/aws-certification/latest/devops-engineer-professional-02/>.

/// A domain of the exam guide.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Domain {
    /// From 1 to 6.
    pub(crate) number: u8,
    /// Its name in short.
    pub(crate) name: &'static str,
    /// How much of the scored content it is, in per cent.
    pub(crate) weight: u32,
    /// How many tasks it has.
    tasks: u8,
}

/// All domains in order.
pub(crate) const DOMAINS: [Domain; 6] = [
    domain(1, "SDLC automation", 22, 4),
    domain(2, "Configuration management and IaC", 17, 3),
    domain(3, "Resilient cloud solutions", 15, 3),
    domain(4, "Monitoring and logging", 15, 3),
    domain(5, "Incident and event response", 14, 3),
    domain(6, "Security and compliance", 17, 3),
];

const fn domain(number: u8, name: &'static str, weight: u32, tasks: u8) -> Domain {
    Domain {
        number,
        name,
        weight,
        tasks,
    }
}

impl Domain {
    /// The domain of a task such as `1.2`; `None` if the guide has no such task.
    pub(crate) fn of_task(task: &str) -> Option<&'static Self> {
        let (number, rest) = task.split_once('.')?;
        let number: u8 = number.parse().ok()?;
        let task: u8 = rest.parse().ok()?;
        DOMAINS
            .iter()
            .find(|domain| domain.number == number && (1..=domain.tasks).contains(&task))
    }
}

/// Every task of the guide, such as `1.1`, in order.
pub(crate) fn tasks() -> Vec<String> {
    DOMAINS
        .iter()
        .flat_map(|domain| (1..=domain.tasks).map(|task| format!("{}.{task}", domain.number)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::DOMAINS;
    use super::Domain;
    use super::tasks;

    #[test]
    fn the_weights_make_the_whole_exam() {
        let sum: u32 = DOMAINS.iter().map(|domain| domain.weight).sum();
        assert_eq!(sum, 100);
    }

    #[test]
    fn a_task_belongs_to_its_domain_and_an_unknown_one_to_none() {
        assert!(tasks().iter().all(|task| Domain::of_task(task).is_some()));
        assert_eq!(Domain::of_task("6.3").map(|domain| domain.number), Some(6));
        for unknown in ["1.5", "7.1", "0.1", "1", "1.0", "a.b", ""] {
            assert_eq!(Domain::of_task(unknown), None, "{unknown}");
        }
    }
}
