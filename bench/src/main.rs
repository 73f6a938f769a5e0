//! What an alarm costs: our `rollback`, an empty Rust function and a Python 3 + boto3 function, side by side in one run.
//!
//! Each is started as Lambda starts it, against a Runtime API and an AWS of ours ([`cloud`]: the simulator at a fixed
//! distance). The processes take turns, so that whatever else the machine does meets all of them.

mod cloud;
mod measure;
mod outcome;
mod report;
mod runtime_api;
mod scene;
mod sequence;
mod subject;
mod tls;

use clap::Parser;
use cloud::Cloud;
use measure::Error;
use report::Column;
use scene::Scene;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use subject::{Places, Subject};
use tls::Tls;

/// Measures start, alarm path, calls in sequence, memory and size.
#[derive(Parser)]
struct Arguments {
    /// Processes of each function
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Warm events per process
    #[arg(long, default_value_t = 5)]
    warm: usize,
    /// Only these: rollback, empty, python
    #[arg(long, value_delimiter = ',', value_parser = ["rollback", "empty", "python"])]
    only: Vec<String>,
    /// File for the table, beside standard output
    #[arg(long)]
    out: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match compare(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut line = format!("bench: {error}");
            let mut cause = std::error::Error::source(&error);
            while let Some(why) = cause {
                line.push_str(&format!(": {why}"));
                cause = why.source();
            }
            eprintln!("{line}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(arguments: &Arguments) -> Result<(), Error> {
    let places = places()?;
    let tls = Tls::make(&places)?;
    let mut text = String::new();
    // With TLS first: that is what production does. In plain HTTP it shows what of it is the functions' own.
    for (title, tls) in [("Over TLS", Some(tls)), ("In plain HTTP", None)] {
        let cloud = Cloud::serve(Scene::fresh(), tls).await.map_err(Error::Port)?;
        let columns = measure_all(arguments, &places, &cloud, title).await?;
        text.push_str(&report::markdown(title, &columns, arguments.runs, arguments.warm));
    }
    println!("{text}");
    if let Some(path) = &arguments.out {
        write(path, &text)?;
    }
    Ok(())
}

async fn measure_all(arguments: &Arguments, places: &Places, cloud: &Cloud, title: &str) -> Result<Vec<Column>, Error> {
    let mut columns = Vec::new();
    for subject in Subject::ALL
        .into_iter()
        .filter(|subject| chosen(*subject, &arguments.only))
    {
        // Not counted: fills the page cache and compiles Python's bytecode.
        measure::run(subject, places, cloud, 1).await?;
        columns.push(Column {
            subject,
            runs: Vec::new(),
            zip_bytes: zip_bytes(&subject.artefact(places))?,
        });
    }
    for _ in 0..arguments.runs {
        for column in &mut columns {
            column
                .runs
                .push(measure::run(column.subject, places, cloud, arguments.warm).await?);
        }
    }
    eprintln!("bench: {title}: {} processes of each measured", arguments.runs);
    Ok(columns)
}

fn chosen(subject: Subject, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| subject.is_called(name))
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let unwritable = |source| Error::Log {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(unwritable)?;
    }
    std::fs::write(path, text).map_err(unwritable)
}

/// The repository is where this was compiled, the target folder where this program lies.
fn places() -> Result<Places, Error> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let program = std::env::current_exe().map_err(|source| Error::Start {
        path: PathBuf::from("bench"),
        source,
    })?;
    let target = program.ancestors().nth(2).unwrap_or(root).to_owned();
    let logs = target.join("bench");
    std::fs::create_dir_all(&logs).map_err(|source| Error::Log { path: logs, source })?;
    Ok(Places {
        root: root.to_owned(),
        target,
    })
}

/// Size of the file as `zip` would pack it; Python does, as it is needed anyway.
fn zip_bytes(artefact: &Path) -> Result<u64, Error> {
    const PACK: &str = "import io,sys,zipfile\nout=io.BytesIO()\n\
        with zipfile.ZipFile(out,'w',zipfile.ZIP_DEFLATED,compresslevel=9) as z: z.write(sys.argv[1],'bootstrap')\n\
        print(len(out.getvalue()))";
    let failed = |source| Error::Start {
        path: PathBuf::from("python3"),
        source,
    };
    let packed = Command::new("python3")
        .args(["-c", PACK])
        .arg(artefact)
        .output()
        .map_err(failed)?;
    String::from_utf8_lossy(&packed.stdout).trim().parse().map_err(|_| {
        failed(std::io::Error::other(
            String::from_utf8_lossy(&packed.stderr).into_owned(),
        ))
    })
}
