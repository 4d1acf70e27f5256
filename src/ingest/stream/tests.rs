//! Tests of streams: how lines become chunks, and days pass.

use super::*;

fn chunks(kind: Kind, text: &[u8], known: Option<(u64, String)>) -> (Vec<Chunk>, bool) {
    let (send, receive) = crossbeam_channel::unbounded();
    Reader::new(kind, 7, Horizon(Arc::new(AtomicI64::new(i64::MAX))), send, known).read(text);
    let message: Vec<Message> = receive.try_iter().collect();
    let is_over = matches!(message.last(), Some(Message::Over(7)));
    let chunks =
        message.into_iter().filter_map(|message| if let Message::Chunk(chunk) = message { Some(chunk) } else { None });
    (chunks.collect(), is_over)
}

#[test]
fn lines_that_are_too_long_are_cut_and_the_next_is_whole() {
    let text = [vec![b'{'; 3 << 20], b"\nnext\nlast".to_vec()].concat();
    let lines = |kind| -> Vec<usize> {
        let bytes: Vec<u8> = chunks(kind, &text, None).0.into_iter().flat_map(|chunk| chunk.bytes).collect();
        bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect()
    };
    assert_eq!(lines(Kind::Input), [LINE_BYTES as usize + 1, 5, 5]);
    assert_eq!(lines(Kind::Connection), [LINE_BYTES as usize + 1, 5], "the last line of a connection may be incomplete");
}

#[test]
fn a_file_is_cut_by_its_days_and_gone_on_with_where_it_was_left() {
    let event = |day: i64| format!("{{\"source\":{{\"table\":\"course\",\"ts_ms\":{}}}}}\n", day * 86_400_000);
    let text = [event(20_000), event(20_000), event(20_001), event(20_000), event(20_002)].concat();
    let (all, _) = chunks(Kind::File, text.as_bytes(), None);
    assert_eq!(all.iter().map(|chunk| (chunk.before, chunk.lines)).collect::<Vec<_>>(), [(0, 2), (2, 2), (4, 1)]);
    let known = Some((4, all[1].digest.clone()));
    let (rest, is_over) = chunks(Kind::File, text.as_bytes(), known.clone());
    assert_eq!(
        rest.iter().map(|chunk| (chunk.before, chunk.lines, &chunk.digest)).collect::<Vec<_>>(),
        [(4, 1, &all[2].digest)]
    );
    assert!(is_over);
    for other in [text.replace("course", "section"), event(20_000)] {
        let (rest, is_over) = chunks(Kind::File, other.as_bytes(), known.clone());
        assert!(rest.is_empty() && !is_over, "another file of the same name is not mistaken for it");
    }
}

#[test]
fn whoever_does_not_speak_json_is_not_listened_to() {
    let (chunks, is_over) = chunks(Kind::Connection, b"POST / HTTP/1.1\r\n\r\n{\"op\":\"c\"}\n", None);
    assert!(chunks.is_empty() && is_over);
}

/// A clock that is set, and an observer of a stream.
struct Set(Arc<AtomicI64>);

impl Clock for Set {
    fn today(&self) -> Date {
        Date::from_number(self.0.load(Ordering::Relaxed)).unwrap()
    }
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) {}
}

struct Listener {
    address: Sender<String>,
    /// How often there was nothing to do.
    idles: Arc<AtomicUsize>,
    is_over: Arc<AtomicI64>,
}

impl Observer for Listener {
    fn turn(&mut self, _: &mut District<Folder>) -> Result<bool, Error> {
        Ok(true)
    }
    fn is_stepping(&self) -> bool {
        false
    }
    fn published(&mut self, _: crate::publish::changes::ClosedTimestamp) -> Result<(), Error> {
        Ok(())
    }
    fn settled(&mut self, _: &mut District<Folder>) -> Result<(), Error> {
        Ok(())
    }
    fn patience(&self) -> Duration {
        Duration::from_millis(5)
    }
    fn idle(&mut self, _: Option<&mut District<Folder>>) -> Result<bool, Error> {
        self.idles.fetch_add(1, Ordering::SeqCst);
        Ok(self.is_over.load(Ordering::SeqCst) == 0)
    }
    fn listening(&mut self, address: &str) {
        self.address.send(address.to_owned()).unwrap();
    }
    fn on_hold(&mut self, why: String) {
        panic!("{why}");
    }
    fn note(&mut self, note: String) {
        panic!("{note}");
    }
}

#[test]
fn the_day_of_a_stream_moves_with_the_clock() {
    use crate::ingest::Pace;
    let first = Date::ymd(2025, 9, 2).unwrap();
    for (pace, of_the_last) in [(Pace::Max, "2025-09-09"), (Pace::Realtime, "2025-09-16")] {
        let out = std::env::temp_dir().join(format!("rollcall-stream-{}-{of_the_last}", std::process::id()));
        let _ = std::fs::remove_dir_all(&out);
        let (now, is_over) = (Arc::new(AtomicI64::new(first.number())), Arc::new(AtomicI64::new(0)));
        let (address, listening) = crossbeam_channel::bounded(1);
        let idles = Arc::new(AtomicUsize::new(0));
        let (clock, mut observer) = (Set(now.clone()), Listener { address, idles: idles.clone(), is_over: is_over.clone() });
        // Readers have the new day once the ingesting thread has looked at the clock, which it does before it waits.
        let set = |day: Date| {
            now.store(day.number(), Ordering::SeqCst);
            let before = idles.load(Ordering::SeqCst);
            while idles.load(Ordering::SeqCst) < before + 2 {
                std::thread::yield_now();
            }
        };
        let options = Options {
            feed: Feed::Port(0),
            out: out.clone(),
            mode: None,
            format: None,
            source: None,
            until: None,
            follow: false,
            pace,
            workers: 1,
            plan: crate::plan::Plan::default(),
        };
        let district = std::thread::spawn(move || take(&options, &clock, &mut observer).map(drop));
        let mut connection = TcpStream::connect(listening.recv().unwrap()).unwrap();
        let mut answers = BufReader::new(connection.try_clone().unwrap());
        let mut batch_of = |day: Date, id: &str| {
            let source = json!({"table": "course", "ts_ms": day.since(Date::ymd(1970, 1, 1).unwrap()) * 86_400_000});
            let after = json!({"course_id": id, "org_id": "D", "title": id});
            let event = json!({"before": null, "after": after, "op": "c", "source": source});
            connection.write_all(format!("{event}\n").as_bytes()).unwrap();
            let mut answer = String::new();
            answers.read_line(&mut answer).unwrap();
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
            answer["batch"].as_str().unwrap().split('/').next().unwrap().to_owned()
        };
        assert_eq!(batch_of(first, "A"), "2025-09-02");
        // An event of a wrong clock does not move it, and one a week later is of its day.
        assert_eq!(batch_of(first.plus(7), "B"), "2025-09-02");
        set(first.plus(7));
        assert_eq!(batch_of(first.plus(7), "C"), "2025-09-09");
        set(first.plus(14));
        assert_eq!(batch_of(first, "D"), of_the_last, "an event that states an earlier day");
        is_over.store(1, Ordering::SeqCst);
        district.join().unwrap().unwrap();
        std::fs::remove_dir_all(&out).unwrap();
    }
}
