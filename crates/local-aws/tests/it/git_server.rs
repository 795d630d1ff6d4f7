//! A git server on a loopback address that asks who one is.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;

use axum::Router;
use axum::extract::Request;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use base64::Engine as _;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::WWW_AUTHENTICATE;

use crate::sources::git;

/// Serves `owner/repo.git`, which has one commit with a buildspec.
pub(crate) struct GitServer {
    pub(crate) url: String,
    pub(crate) commit: String,
    served: Arc<Served>,
    directory: tempfile::TempDir,
}

struct Served {
    root: PathBuf,
    /// `user:password` that lets one in.
    login: String,
    /// What clients said who they are.
    seen: Mutex<Vec<String>>,
}

impl GitServer {
    /// Lets those in who log in as `user:password`.
    pub(crate) async fn start(login: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let tree = directory.path().join("tree");
        std::fs::create_dir(&tree).unwrap();
        git(&tree, &["init", "--quiet", "--initial-branch=main"]);
        std::fs::write(tree.join("buildspec.yml"), crate::server::BUILDSPEC).unwrap();
        git(&tree, &["add", "."]);
        git(&tree, &["commit", "--quiet", "-m", "first"]);
        let commit = git(&tree, &["rev-parse", "HEAD"]);
        let root = directory.path().join("root");
        let repository = root.join("owner/repo.git");
        std::fs::create_dir_all(repository.parent().unwrap()).unwrap();
        let to = repository.display().to_string();
        git(&tree, &["clone", "--quiet", "--bare", ".", &to]);
        // What clients need of a server that only serves files.
        git(&repository, &["update-server-info"]);

        let served = Arc::new(Served {
            root,
            login: login.to_owned(),
            seen: Mutex::default(),
        });
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&served));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url: format!("http://{address}/owner/repo.git"),
            commit,
            served,
            directory,
        }
    }

    /// The logins that clients tried, each once, since this was asked last.
    pub(crate) fn logins(&self) -> Vec<String> {
        let mut seen = std::mem::take(&mut *self.served.seen.lock().unwrap());
        seen.dedup();
        seen
    }

    /// A commit that only a pull request has.
    pub(crate) fn pull_request(&self, number: u64) -> String {
        let tree = self.directory.path().join("tree");
        git(&tree, &["commit", "--quiet", "--allow-empty", "-m", "pull"]);
        let reference = format!("HEAD:refs/pull/{number}/head");
        self.send(&reference)
    }

    /// A commit that is pushed to `main`.
    pub(crate) fn push(&self, message: &str) -> String {
        let tree = self.directory.path().join("tree");
        git(
            &tree,
            &["commit", "--quiet", "--allow-empty", "-m", message],
        );
        self.send("main")
    }

    fn send(&self, reference: &str) -> String {
        let tree = self.directory.path().join("tree");
        let repository = self.served.root.join("owner/repo.git");
        let to = repository.display().to_string();
        git(&tree, &["push", "--quiet", &to, reference]);
        git(&repository, &["update-server-info"]);
        git(&tree, &["rev-parse", "HEAD"])
    }
}

async fn answer(State(served): State<Arc<Served>>, request: Request) -> Response {
    let login = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|header| header.to_str().ok()?.strip_prefix("Basic "))
        .and_then(|login| base64::prelude::BASE64_STANDARD.decode(login).ok())
        .map(|login| String::from_utf8(login).unwrap());
    served.seen.lock().unwrap().extend(login.clone());
    if login.as_ref() != Some(&served.login) {
        let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"git\"")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    }
    let path = Path::new(request.uri().path());
    let file = served.root.join(path.strip_prefix("/").unwrap());
    match std::fs::read(file) {
        Ok(bytes) => bytes.into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}
