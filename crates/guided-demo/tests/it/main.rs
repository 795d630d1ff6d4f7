//! The binary from outside: its command line, its terminal, and the services that it runs.

mod command_line;
mod crash;
mod foreign_clients;
mod house;
mod serving;
mod terminal;
