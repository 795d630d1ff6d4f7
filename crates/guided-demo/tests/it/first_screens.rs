//! The first screen of each demo, as it looks in a terminal of 80 and of 60 columns.

use crate::pty::Terminal;

fn first_screen(demo: &str, columns: u16, until: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let args = ["run", demo, "--target", "replay"];
    let mut terminal = Terminal::start_with(folder.path(), columns, &args);
    terminal.sees(until);
    let text = terminal.text();
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
    // The label tells the day of the recording.
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("RECORDING of"))
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line.chars().count() <= usize::from(columns)),
        "{text}"
    );
    lines.join("\n")
}

#[test]
fn each_demo_begins_with_a_screen_that_can_be_read() {
    for demo in [
        "docker-in-docker",
        "break-it",
        "inspect-everything",
        "pipeline-parts",
        "as-code",
        "exam-practice",
    ] {
        for columns in [80, 60] {
            let screen = first_screen(demo, columns, "⏎");
            insta::assert_snapshot!(format!("{demo}_{columns}"), screen);
        }
    }
}
