//! Walks a student through an AWS CodeBuild project that builds a container image with Docker in
//! Docker.

mod aws_cli;
mod cli;
mod command_error;
mod commands;
mod compile_job;
mod demos;
mod doctor;
mod drive;
mod exam_guide;
mod exit_code;
mod export;
mod invocation;
mod local_server;
mod port_owner;
mod practice;
mod prebuilt;
mod script;
mod shell_setting;
mod state;
mod target;
mod ui;
mod walk;

use clap::Parser;

fn main() -> std::process::ExitCode {
    let cli = cli::Cli::parse();
    let ui = ui::Ui::new(cli.color, cli.plain);
    commands::dispatch(cli, &ui).into()
}
