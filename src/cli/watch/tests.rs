//! Golden frames: every screen for a small feed, at two sizes, with the keys that lead to it. `UPDATE_EXPECT=1` rewrites
//! them; review the difference.

use super::desk::{Phase, Pulse};
use super::draw::{Theme, draw};
use super::screen::{Act, Ui};
use super::view::{self, View};
use crate::cli::feeding::{Feeding, SystemClock};
use crate::district::{District, provenance};
use crate::ingest::{self, Observer};
use crate::model::Date;
use crate::publish::changes::ClosedTimestamp;
use crate::store::disk::Folder;
use clap::Parser;
use expect_test::expect_file;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::Color;
use rollcall_generate::{Extracts, FeedOptions};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    feeding: Feeding,
}

/// A folder that is removed on drop.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A feed of some weeks, in which a row cannot be read and later a delivery goes on hold.
fn feed(folder: &Path) {
    let options = FeedOptions {
        students: 400,
        seed: 1,
        first_day: Date::ymd(2025, 9, 15).unwrap(),
        days: 60,
        faults: true,
        extracts: Extracts::Delta,
    };
    let create = |day: Date, file: &str| {
        let path = folder.join(day.to_string()).join(file);
        fs::create_dir_all(path.parent().unwrap())?;
        fs::File::create(path).map(std::io::BufWriter::new)
    };
    rollcall_generate::feed(&options, create).unwrap();
    let saturday = Date::ymd(2025, 10, 18).unwrap();
    let write = |day: Date, file: &str, text: &str| {
        let folder = folder.join(day.to_string());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(file), text).unwrap();
    };
    let bad = "_op,student_id,first_name,last_name,birth_date\nupsert,1000007,A,B,31/12/2011\n";
    write(saturday, "student.csv", bad);
    // Later days wait for it.
    write(saturday.plus(1), "student.csv", "_op,colour,shape\nupsert,red,round\n");
}

/// Ingests the feed without making views.
struct Silent;

impl Observer for Silent {
    fn turn(&mut self, _: &mut District<Folder>) -> Result<bool, ingest::Error> {
        Ok(true)
    }
    fn is_stepping(&self) -> bool {
        false
    }
    fn published(&mut self, _: ClosedTimestamp) -> Result<(), ingest::Error> {
        Ok(())
    }
    fn settled(&mut self, _: &mut District<Folder>) -> Result<(), ingest::Error> {
        Ok(())
    }
    fn patience(&self) -> Duration {
        Duration::ZERO
    }
    fn idle(&mut self, _: Option<&mut District<Folder>>) -> Result<bool, ingest::Error> {
        Ok(false)
    }
    fn listening(&mut self, _: &str) {}
    fn on_hold(&mut self, _: String) {}
    fn note(&mut self, _: String) {}
}

/// The progress, as if paused.
fn pulse() -> Pulse {
    Pulse {
        phase: Phase::Held,
        paused: true,
        pace: Some(2.0),
        rates: [120, 480, 260, 900, 1240].into(),
        latencies: [900, 1_400, 5_200, 2_300].into(),
        progress: (51, 53),
        moved: 3,
        notes: vec!["reports and warehouse of 2025-10-17 have been written".to_owned()],
    }
}

/// A user at a terminal.
struct User<'r> {
    district: &'r mut District<Folder>,
    state: PathBuf,
    ui: Ui,
    view: View,
    size: (u16, u16),
}

impl<'r> User<'r> {
    fn at(district: &'r mut District<Folder>, state: &Path, size: (u16, u16)) -> User<'r> {
        let mut user = User { district, state: state.to_owned(), ui: Ui::default(), view: View::default(), size };
        user.look();
        user
    }

    fn look(&mut self) {
        let mut view = view::view(self.district, &self.ui.request()).unwrap();
        if let Some(page) = &mut view.page {
            page.place(&provenance::find(Folder::shared(&self.state).unwrap(), &page.sought()).unwrap());
        }
        self.view = view;
        self.ui.follow(&self.view);
        self.frame();
    }

    /// Presses keys: characters, `\n` for Enter, `\t` for Tab, `\x1b` for Esc, `↓` for the arrow.
    fn press(&mut self, keys: &str) -> &mut Self {
        for c in keys.chars() {
            let code = match c {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\x1b' => KeyCode::Esc,
                '↓' => KeyCode::Down,
                c => KeyCode::Char(c),
            };
            if self.ui.press(KeyEvent::new(code, KeyModifiers::NONE), &self.view) == Act::Ask {
                self.look();
            }
        }
        self
    }

    fn draw(&mut self, is_colored: bool) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        let theme = Theme { is_colored };
        terminal.draw(|frame| draw(frame, &self.view, &pulse(), &mut self.ui, theme)).unwrap();
        terminal
    }

    /// The frame as text, with `<` at the end of the selected row.
    fn frame(&mut self) -> String {
        let terminal = self.draw(true);
        let buffer = terminal.backend().buffer();
        let width = usize::from(buffer.area.width);
        let mut text = String::new();
        for row in buffer.content.chunks(width) {
            let line: String = row.iter().map(|cell| cell.symbol()).collect();
            text.push_str(line.trim_end());
            if row[0].modifier.contains(ratatui::style::Modifier::REVERSED) {
                text.push_str(" <");
            }
            text.push('\n');
        }
        text
    }
}

/// The keys that lead to each screen.
const SCREENS: &[(&str, &str)] = &[
    ("board", ""),
    ("board_of_school", "o\nf"),
    ("reported", "\t\t↓↓"),
    ("ahead", "\t\t\t"),
    ("kpi", "\t↓\n"),
    ("rules", "jjj\n"),
    ("schools", "jjj\n\n"),
    ("violations", "vss"),
    ("page", "jjj\n\n\n\n"),
    ("filtered", "v/severity:warning school\n"),
    ("filter", "/rule:XYZ\n"),
    ("rejected", "r"),
    ("keys", "?"),
];

#[test]
fn every_screen_looks_as_it_did() {
    let folder = Temporary(std::env::temp_dir().join(format!("rollcall-{}-frames", std::process::id())));
    let _ = fs::remove_dir_all(&folder.0);
    let (of_feed, out) = (folder.0.join("feed"), folder.0.join("out"));
    feed(&of_feed);
    let arguments = ["watch", of_feed.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let feeding = Arguments::parse_from(arguments).feeding;
    let state = out.join("state");
    let mut looked = 0;
    let mut look = |district: &mut District<Folder>| {
        for size in [(80, 24), (140, 40)] {
            for (name, keys) in SCREENS {
                let mut user = User::at(district, &state, size);
                let frame = user.press(keys).frame();
                let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/watch");
                expect_file![golden.join(format!("{name}_{}x{}.txt", size.0, size.1))].assert_eq(&frame);
                looked += 1;
                // Without colors, the text is the same.
                let [with, without] = [true, false].map(|is_colored| user.draw(is_colored));
                let [with, without] = [&with, &without].map(|terminal| &terminal.backend().buffer().content);
                assert!(with.iter().zip(without).all(|(a, b)| a.symbol() == b.symbol()), "{name}");
                assert!(without.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{name}");
            }
        }
        // Any key on existing rows draws something.
        let keys: Vec<char> = "\n\t\x1b↓jkGgvorfxsc/?hl ".chars().collect();
        let mut user = User::at(district, &state, (80, 24));
        let mut number = 1usize;
        for _ in 0..600 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let key = keys[(number >> 33) % keys.len()];
            let frame = user.press(&key.to_string()).frame();
            assert!(frame.starts_with(" rollcall") || user.ui.is_help, "{key:?} {frame}");
        }
        // Every size is drawn, even one in which nothing fits.
        for width in (1..170).step_by(7) {
            for height in (1..50).step_by(4) {
                let mut user = User::at(district, &state, (width, height));
                for keys in ["", "jjj\n", "\n\n\n", "?"] {
                    user.press(keys).frame();
                }
            }
        }
    };
    let options = feeding.options().unwrap();
    let mut district = ingest::take(&options, &SystemClock::start(), &mut Silent).unwrap().unwrap();
    look(&mut district);
    assert_eq!(looked, SCREENS.len() * 2);
}
