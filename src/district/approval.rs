//! Approvals: the deliveries on hold, and letting one in.

use super::Error;
use super::feed::Feed;
use super::recovery::Base;
use crate::store::HoldReason;
use crate::store::disk::Disk;
use crate::store::{Item, Log};

/// The deliveries on hold. Approving one needs only the log, not the engine.
pub struct Approval<D: Disk> {
    log: Log<D>,
    feed: Feed,
}

impl<D: Disk> Approval<D> {
    /// Reads which deliveries are on hold.
    pub fn open(state: D) -> Result<Approval<D>, Error> {
        let mut log = Log::open(state)?;
        let base = Base::find(&log, None, &mut Vec::new())?;
        let from = base.as_ref().map_or_else(|| log.origin(), |base| Ok(base.begin.log))?;
        let link = base.as_ref().and_then(|base| base.begin.last);
        let mut feed = base.map_or_else(Feed::default, |base| base.saved.feed);
        let tail = {
            let mut reader = log.reader(from, link)?;
            while let Some((item, _)) = reader.next_item()? {
                match item {
                    Item::Batch(header, parts) => feed.apply(&header, &parts),
                    Item::Approved(source, label) => feed.approve(&source, &label),
                    Item::Days(_) | Item::Computed(_) => {}
                }
            }
            reader.tail()?
        };
        log.resume(&tail)?;
        Ok(Approval { log, feed })
    }

    /// The deliveries on hold: source, name and reason.
    pub fn on_hold(&self) -> impl Iterator<Item = (&str, &str, &HoldReason)> {
        self.feed.on_hold().map(|((source, label), held)| (source.as_str(), label.as_str(), &held.reason))
    }

    /// Approves a delivery with its present contents; it is accepted when it is read again. Durable on return.
    pub fn approve(&mut self, source: &str, label: &str) -> Result<(), Error> {
        self.log.append(&Item::Approved(source.to_owned(), label.to_owned()))?;
        self.log.commit()?;
        self.feed.approve(source, label);
        Ok(())
    }
}
