//! Workers in other processes: an engine drives two of them over pipes, they exchange rows over loopback by timely's own
//! runtime, and the Deltas are those of one worker in this process.

use crate::support::{self, district_files};
use rollcall::engine::message::{Command, Report};
use rollcall::engine::worker::{Inbox, Next, work};
use rollcall::engine::{Delta, Engine, Running, WorkerHandle};
use rollcall::model::{Batch, Date, Table};
use rollcall::plan::Plan;
use rollcall::source::{Collected, csv::Csv};
use rollcall_generate::Options;
use std::io::{self, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdin, Stdio};
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::{env, thread};

/// In the environment of a worker's process: its number and the addresses of all.
const PROCESS: &str = "ROLLCALL_TEST_PROCESS";
/// How many processes there are.
const PROCESSES: usize = 2;
/// Before each message: the tests' own harness prints on the same stream.
const MARK: &[u8; 8] = b"\0message";

fn day() -> Date {
    Date::ymd(2026, 3, 16).expect("a day of the calendar")
}

fn write<T: serde::Serialize>(out: &mut impl Write, message: &T) -> io::Result<()> {
    let bytes = bincode::serde::encode_to_vec(message, bincode::config::standard()).map_err(io::Error::other)?;
    out.write_all(MARK)?;
    out.write_all(&(bytes.len() as u32).to_le_bytes())?;
    out.write_all(&bytes)?;
    out.flush()
}

/// The next message; none at the end.
fn read<T: serde::de::DeserializeOwned>(input: &mut impl Read) -> Option<T> {
    let mut last = [0; MARK.len()];
    while last != *MARK {
        let mut byte = [0];
        input.read_exact(&mut byte).ok()?;
        last.rotate_left(1);
        last[MARK.len() - 1] = byte[0];
    }
    let mut length = [0; 4];
    input.read_exact(&mut length).ok()?;
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    input.read_exact(&mut bytes).ok()?;
    let message = bincode::serde::decode_from_slice(&bytes, bincode::config::standard());
    Some(message.expect("a message is read as it was written").0)
}

/// Commands from standard input.
struct Piped(crossbeam_channel::Receiver<Command>);

impl Inbox for Piped {
    fn next(&mut self) -> Next {
        match self.0.try_recv() {
            Ok(command) => Next::Command(command),
            Err(crossbeam_channel::TryRecvError::Empty) => Next::Nothing,
            Err(crossbeam_channel::TryRecvError::Disconnected) => Next::Closed,
        }
    }
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn is_lost(&self) -> bool {
        false
    }
}

/// What a worker's process does.
fn be_a_process(number: usize, addresses: Vec<String>) {
    let config = timely::Config {
        communication: timely::CommunicationConfig::Cluster {
            threads: 1,
            process: number,
            addresses,
            report: false,
            zerocopy: false,
        },
        worker: timely::WorkerConfig::default(),
    };
    let (send, receive) = crossbeam_channel::unbounded();
    thread::spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Some(command) = read(&mut input) {
            if send.send(command).is_err() {
                return;
            }
        }
    });
    let guards = timely::execute(config, move |worker| {
        let report: Rc<dyn Fn(Report)> =
            Rc::new(|report| write(&mut io::stdout().lock(), &report).expect("the parent reads"));
        work(worker, &Plan::default(), rollcall::model::timestamp::at(day(), 0), &mut Piped(receive.clone()), &report);
    });
    guards.expect("the processes find each other").join().into_iter().for_each(|worker| worker.expect("no worker panics"));
}

/// A worker's process.
struct Process(ChildStdin);

impl WorkerHandle for Process {
    fn send(&mut self, command: Command) {
        write(&mut self.0, &command).expect("the process reads");
    }
}

/// Starts the processes, and has an engine drive them.
fn processes() -> (Engine, Vec<Child>) {
    // Ports that are free now; somebody else could take them before the processes do, but nothing on this machine does.
    let ports: Vec<TcpListener> = (0..PROCESSES).map(|_| TcpListener::bind("127.0.0.1:0").expect("loopback")).collect();
    let addresses: Vec<String> = ports.iter().map(|port| port.local_addr().expect("it is bound").to_string()).collect();
    drop(ports);
    let (send, reports) = crossbeam_channel::unbounded();
    let mut workers: Vec<Box<dyn WorkerHandle>> = Vec::new();
    let mut children = Vec::new();
    for number in 0..PROCESSES {
        let mut child = std::process::Command::new(env::current_exe().expect("the test is a program"))
            .args(["--exact", "processes::two_processes_come_to_the_deltas_of_one", "--nocapture", "--test-threads=1"])
            .env(PROCESS, format!("{number} {}", addresses.join(" ")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process starts");
        workers.push(Box::new(Process(child.stdin.take().expect("it is piped"))));
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let send = send.clone();
        thread::spawn(move || {
            while let Some(report) = read::<Report>(&mut output) {
                if send.send(report).is_err() {
                    return;
                }
            }
            let _ = send.send(Report::Stopped);
        });
        children.push(child);
    }
    let running = Running { reports, lost: Arc::new(AtomicBool::new(false)), stop: None };
    (Engine::drive(Plan::default(), day(), workers, running).expect("the workers start"), children)
}

/// A district of three hundred, then changes and days.
fn drive(engine: &mut Engine) -> Vec<Delta> {
    let (files, _) = district_files(&Options { students: 300, seed: 5, day: day(), faults: true });
    let mut all = Batch::default();
    for (table, bytes) in &files {
        let mut collected = Collected { texts: engine.texts(), batch: std::mem::take(&mut all) };
        Csv.decode(*table, table.spec().name, bytes, &mut collected).expect("a generated file is read");
        all = collected.batch;
    }
    let half = all.changes.split_off(all.changes.len() / 2);
    engine.commit(&all).expect("the batch is accepted");
    engine.commit(&Batch { changes: half, ..Batch::default() }).expect("the batch is accepted");
    engine.advance_to(day().plus(40)).expect("days pass");
    // Half of the schools go, with what that opens.
    let schools: Vec<_> = engine.current().rows().organization.iter().flatten().map(|row| row.org_id).collect();
    let gone = schools.iter().step_by(2).map(|id| rollcall::model::Change::Delete(Table::Organization, id.0));
    engine.commit(&Batch { changes: gone.collect(), ..Batch::default() }).expect("the batch is accepted");
    engine.settle().expect("the workers work")
}

#[test]
fn two_processes_come_to_the_deltas_of_one() {
    static ONCE: Mutex<()> = Mutex::new(());
    if let Ok(process) = env::var(PROCESS) {
        let mut words = process.split(' ').map(str::to_owned);
        let number = words.next().and_then(|number| number.parse().ok()).expect("the number of the process");
        return be_a_process(number, words.collect());
    }
    let _one = ONCE.lock();
    let (mut both, mut children) = processes();
    let mut one = Engine::start(Plan::default(), 1, day()).expect("the engine starts");
    let (theirs, ours) = (drive(&mut both), drive(&mut one));
    assert_eq!(theirs.len(), ours.len());
    for (theirs, ours) in theirs.iter().zip(&ours) {
        assert_eq!(theirs.time, ours.time);
        assert_eq!(theirs.updates.len(), ours.updates.len(), "{}", ours.day());
        assert_eq!(theirs, ours, "{}", ours.day());
    }
    assert!(ours.iter().map(|delta| delta.updates.len()).sum::<usize>() > 1_000);
    // Both have worked, and peeks cross as well.
    let [theirs, ours] = [&mut both, &mut one].map(support::published);
    assert_eq!(theirs, ours);
    drop(both);
    for child in &mut children {
        assert!(child.wait().expect("the process ends").success());
    }
}
