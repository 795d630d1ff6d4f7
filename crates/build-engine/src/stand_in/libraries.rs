//! The shared libraries that programs of this host load.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// The libraries of all these programs, as `ldd` names them, without doubles.
pub(super) fn of(programs: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let output = Command::new("ldd")
        .args(programs)
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| format!("ldd cannot be run: {error}"))?;
    // ldd also fails if one of the programs is statically linked, which is fine.
    let mut libraries = parse(&String::from_utf8_lossy(&output.stdout))?;
    libraries.sort();
    libraries.dedup();
    Ok(libraries)
}

fn parse(listing: &str) -> Result<Vec<PathBuf>, String> {
    let mut libraries = Vec::new();
    for line in listing.lines().map(str::trim) {
        if line.ends_with("=> not found") {
            return Err(format!("a library of the host's Docker is missing: {line}"));
        }
        // "name => /path (address)" or, for the loader, "/path (address)".
        let place = line.split_once(" => ").map_or(line, |(_, place)| place);
        if let Some((path, _)) = place.rsplit_once(" (")
            && Path::new(path).is_absolute()
        {
            libraries.push(PathBuf::from(path));
        }
    }
    Ok(libraries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_ldd_prints() {
        let listing = "/usr/bin/sh:\n\tlinux-vdso.so.1 (0x00007ffd)\n\tlibc.so.6 => /lib/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n/usr/bin/static:\n\tnot a dynamic executable\n";
        assert_eq!(
            parse(listing).unwrap(),
            [
                PathBuf::from("/lib/libc.so.6"),
                PathBuf::from("/lib64/ld-linux-x86-64.so.2")
            ]
        );
    }

    #[test]
    fn a_missing_library_is_named() {
        let error = parse("\tlibx.so.1 => not found\n").unwrap_err();
        assert!(error.contains("libx.so.1"), "{error}");
    }
}
