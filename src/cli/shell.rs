//! `rollcall completions` and `rollcall man`: what a package installs beside the program, made from the same declarations
//! that read the arguments.

use super::{Failure, command};
use clap_complete::Shell;
use std::path::{Path, PathBuf};

/// Print the completions of a shell
#[derive(clap::Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn completions(arguments: &Completions) -> String {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut command(), "rollcall", &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Print the man page, or write one for each command into a folder
#[derive(clap::Args)]
pub struct Man {
    /// The folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub fn man(arguments: &Man) -> Result<(String, u8), Failure> {
    let Some(folder) = &arguments.out else {
        let mut text = Vec::new();
        clap_mangen::Man::new(command()).render(&mut text).map_err(Failure::work)?;
        return Ok((String::from_utf8_lossy(&text).into_owned(), 0));
    };
    let cannot = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| Failure::work(format!("cannot write {path}: {error}"))
    };
    std::fs::create_dir_all(folder).map_err(cannot(folder))?;
    clap_mangen::generate_to(command(), folder).map_err(cannot(folder))?;
    Ok((format!("Wrote     {}\n", folder.display()), 0))
}
