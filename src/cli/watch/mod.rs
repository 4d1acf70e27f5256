//! `rollcall watch`: a terminal board that shows a district while its feed is replayed.
//!
//! ```text
//!  feed ─ Desk (ingests, makes views) ─ Shared ─ drawing, key handling ─ terminal
//! ```
//!
//! One thread ingests, the other draws; neither waits for the other.

mod desk;
mod draw;
mod plain;
mod screen;
#[cfg(test)]
mod tests;
mod view;

use super::Failure;
use super::feeding::{Feeding, SystemClock};
use super::terminal;
use crate::ingest::{self, Feed, Pace};
use desk::{Desk, FRAME, Shared};
use draw::Theme;
use ratatui::crossterm::event::{self, Event};
use screen::{Act, Ui};
use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Watch violations open and close, and KPIs change, while a feed is replayed
///
/// FEED is the same as for `rollcall replay`, and so is the state in OUT/state. Reports and warehouse are written by `rollcall
/// replay`, or with a key. Without a terminal, one line per day is printed, without a pause between days.
#[derive(clap::Args)]
#[command(after_help = super::EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    feeding: Feeding,
    /// Exit at the end of the feed, without waiting for a key
    #[arg(long)]
    leave: bool,
    /// Show no board; print a line of JSON for every day and batch
    #[arg(long)]
    json: bool,
}

/// The default pace: a school year takes a few minutes.
const PACE: Pace = Pace::PerSecond(2.0);

/// Set on a panic or a signal: nothing more is drawn.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Locked while the screen is drawn.
static SCREEN: Mutex<()> = Mutex::new(());

pub fn run(arguments: &Arguments) -> Result<(String, u8), Failure> {
    let mut feeding = arguments.feeding.clone();
    if arguments.json || !std::io::stdout().is_terminal() {
        return plain::run(&feeding, arguments.json);
    }
    if let Feed::Directory(_) = feeding.feed {
        feeding.pace.get_or_insert(PACE);
    }
    // Wrong arguments are reported before the screen is cleared.
    let options = feeding.options()?;
    let shared = Arc::new(Shared::default());
    let mut desk = Desk::new(shared.clone(), options.out.clone(), options.pace, arguments.leave);
    terminal::hush();
    let mut screen = ratatui::try_init().map_err(|error| Failure {
        hint: Some(NO_BOARD.to_owned()),
        ..Failure::work(format!("cannot use the terminal: {error}"))
    })?;
    let restore = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        IS_OVER.store(true, Ordering::SeqCst);
        // Wait for the current frame, or it would appear on the restored screen. A thread that panics while drawing has the lock.
        let mut drawn = SCREEN.try_lock();
        for _ in 0..20 {
            if drawn.is_ok() {
                break;
            }
            drop(drawn);
            std::thread::sleep(FRAME / 5);
            drawn = SCREEN.try_lock();
        }
        restore(panic);
    }));
    let taking = signals().and_then(|()| {
        let builder = std::thread::Builder::new().name("ingest".to_owned());
        let take = move || match ingest::take(&options, &SystemClock::start(), &mut desk)? {
            Some(district) => desk.end(district),
            None => Ok((String::new(), 0)),
        };
        builder.spawn(take).map_err(Failure::work)
    });
    let drawn = taking.and_then(|taking| {
        let drawn = show(&mut screen, &shared, || taking.is_finished());
        shared.quit();
        drawn.map(|()| taking)
    });
    // The panic has restored the screen, and its message is at the cursor.
    if !IS_OVER.load(Ordering::SeqCst) {
        ratatui::restore();
    }
    drop(screen);
    terminal::speak();
    let taking = drawn?;
    if !taking.is_finished() {
        let bar = terminal::spinner("closing");
        while !taking.is_finished() {
            bar.tick();
            std::thread::sleep(FRAME);
        }
        bar.finish_and_clear();
    }
    taking.join().unwrap_or_else(|_| Err(Failure::work("a thread panicked; see its message above")))
}

const NO_BOARD: &str = "rollcall watch FEED | cat prints a line per day; rollcall replay reads the feed without a board";

/// Handles the signals that end a program in a thread, because the key handler does not wake up if the terminal is gone. The
/// terminal is restored and the signal takes effect; everything accepted is durable.
#[cfg(unix)]
fn signals() -> Result<(), Failure> {
    use ratatui::crossterm::{cursor::Show, execute};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let cannot = |error: std::io::Error| Failure::work(format!("cannot handle signals: {error}"));
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP]).map_err(cannot)?;
    let heard = move || {
        if let Some(signal) = signals.forever().next() {
            IS_OVER.store(true, Ordering::SeqCst);
            let drawn = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
            ratatui::restore();
            let _ = execute!(std::io::stdout(), Show);
            terminal::speak();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            drop(drawn);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(heard).map(drop).map_err(cannot)
}

/// Windows ends a program without asking it, and Ctrl-C is a key of the board. Untested.
#[cfg(not(unix))]
fn signals() -> Result<(), Failure> {
    Ok(())
}

/// Draws and handles keys until the user quits or the other thread ends.
fn show(screen: &mut ratatui::DefaultTerminal, shared: &Shared, is_over: impl Fn() -> bool) -> Result<(), Failure> {
    let theme = Theme { is_colored: terminal::is_colored() };
    let failed = |error: std::io::Error| Failure::work(format!("cannot use the terminal: {error}"));
    let mut ui = Ui::default();
    let mut drawn = None;
    loop {
        if IS_OVER.load(Ordering::SeqCst) || is_over() {
            return Ok(());
        }
        let (view, pulse, version) = shared.look();
        if drawn != Some(version) {
            ui.follow(&view);
            let _drawn = SCREEN.lock().unwrap_or_else(PoisonError::into_inner);
            if IS_OVER.load(Ordering::SeqCst) {
                return Ok(());
            }
            screen.draw(|frame| draw::draw(frame, &view, &pulse, &mut ui, theme)).map_err(failed)?;
            drawn = Some(version);
        }
        // Limits the frame rate; keys are handled at once.
        if !event::poll(FRAME).map_err(failed)? {
            continue;
        }
        while event::poll(Duration::ZERO).map_err(failed)? {
            drawn = None;
            let Event::Key(key) = event::read().map_err(failed)? else { continue };
            match ui.press(key, &view) {
                Act::None => {}
                Act::Ask => shared.ask(ui.request()),
                Act::Quit => return Ok(()),
                Act::Pause => shared.pace(|pulse| pulse.paused = !pulse.paused),
                Act::Step => shared.step(),
                Act::Faster => shared.pace(desk::Pulse::faster),
                Act::Slower => shared.pace(desk::Pulse::slower),
                Act::End => shared.pace(|pulse| (pulse.paused, pulse.pace) = (false, None)),
                Act::Write => shared.write(),
            }
        }
    }
}
