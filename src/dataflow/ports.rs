//! Operators with several outputs. Timely's own way to split a stream is to filter it once per part, which copies every
//! container for each; here an operator writes into plain vectors, one per output, and ships each as it is.
//!
//! An operator has an output only where somebody reads it: every output is a pointstamp that each change of a frontier is
//! propagated to, so that unread ones cost half of a single change.

use super::Time;
use timely::Container;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::Stream;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::InputCapability;
use timely::dataflow::operators::generic::OutputBuilder;
use timely::dataflow::operators::generic::builder_rc::OperatorBuilder;

/// One output, if somebody reads it.
pub struct Port<D: 'static>(Option<OutputBuilder<Time, CapacityContainerBuilder<Vec<D>>>>)
where
    Vec<D>: Container;

impl<D: Clone + 'static> Port<D> {
    /// Adds an output to an operator, if somebody reads it.
    pub fn new<'s>(builder: &mut OperatorBuilder<'s, Time>, is_read: bool) -> (Self, Option<Stream<'s, Time, Vec<D>>>) {
        if !is_read {
            return (Port(None), None);
        }
        let (output, stream) = builder.new_output();
        (Port(Some(OutputBuilder::from(output))), Some(stream))
    }

    /// How many items are shipped at once: 32 KiB of them. Longer vectors would be copied while they grow, and come from
    /// the system and go back to it with every batch.
    const FULL: usize = if size_of::<D>() < 1 << 13 { (1 << 15) / size_of::<D>() } else { 4 };

    /// Ships what was written if it is enough for one message.
    pub fn ship_full(&mut self, capability: &InputCapability<Time>, written: &mut Vec<D>) {
        if written.len() >= Self::FULL {
            self.ship(capability, written);
            written.reserve(Self::FULL);
        }
    }

    /// Ships what was written and leaves the vector empty.
    pub fn ship(&mut self, capability: &InputCapability<Time>, written: &mut Vec<D>) {
        if !written.is_empty() {
            let output = self.0.as_mut().expect("invariant: what an operator emits has a reader");
            output.activate().session(capability).give_container(written);
            written.clear();
        }
    }
}

/// The vectors that an operator writes into, one per output; declared with `ports!`.
pub trait Ports: Default + 'static {
    /// Which outputs are read.
    type Reads: Copy;
    /// The outputs' streams.
    type Streams<'s>;
    /// The outputs.
    type Outputs: 'static;
    /// Adds the outputs that are read to an operator.
    fn outputs<'s>(builder: &mut OperatorBuilder<'s, Time>, reads: Self::Reads) -> (Self::Outputs, Self::Streams<'s>);
    /// Ships what is enough for a message.
    fn ship_full(&mut self, outputs: &mut Self::Outputs, capability: &InputCapability<Time>);
    /// Ships everything written.
    fn ship(&mut self, outputs: &mut Self::Outputs, capability: &InputCapability<Time>);
}

/// Declares the outputs of an operator: a struct of vectors; `reads()`, which names the outputs that are read as in
/// `Emitted::reads().findings().rows()`; and their streams, each taken once by its name.
macro_rules! ports {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident => $reads:ident, $streams:ident { $($(#[$port_meta:meta])* $port:ident: $type:ty),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $name { $($(#[$port_meta])* pub $port: Vec<$type>),+ }

        impl $name {
            /// No output, to begin naming those that are read.
            #[allow(dead_code, reason = "an operator may have all its outputs read")]
            $vis fn reads() -> $reads { $reads::default() }
        }

        /// Which outputs are read.
        #[derive(Clone, Copy, Default)]
        $vis struct $reads { $($port: bool),+ }

        #[allow(dead_code, reason = "an output may be named by no operator of a plan")]
        impl $reads {
            /// Every output.
            $vis fn all() -> $reads { $reads { $($port: true),+ } }
            $( /// And this one.
            $vis fn $port(mut self) -> $reads { self.$port = true; self } )+
        }

        /// The streams of the outputs that are read.
        $vis struct $streams<'s> {
            $($port: Option<timely::dataflow::Stream<'s, $crate::dataflow::Time, Vec<$type>>>),+
        }

        #[allow(dead_code, reason = "an output may be named by no operator of a plan")]
        impl<'s> $streams<'s> {
            $($(#[$port_meta])* $vis fn $port(&mut self) -> timely::dataflow::Stream<'s, $crate::dataflow::Time, Vec<$type>> {
                self.$port.take().expect("invariant: an output is read once, by whom it was declared for")
            })+
        }

        const _: () = {
            pub struct Outputs { $($port: $crate::dataflow::Port<$type>),+ }
            impl $crate::dataflow::Ports for $name {
                type Reads = $reads;
                type Streams<'s> = $streams<'s>;
                type Outputs = Outputs;
                fn outputs<'s>(
                    builder: &mut timely::dataflow::operators::generic::builder_rc::OperatorBuilder<'s, $crate::dataflow::Time>,
                    reads: $reads,
                ) -> (Outputs, $streams<'s>) {
                    $(let $port = $crate::dataflow::Port::new(builder, reads.$port);)+
                    (Outputs { $($port: $port.0),+ }, $streams { $($port: $port.1),+ })
                }
                fn ship_full(
                    &mut self,
                    outputs: &mut Outputs,
                    capability: &timely::dataflow::operators::InputCapability<$crate::dataflow::Time>,
                ) {
                    $(outputs.$port.ship_full(capability, &mut self.$port);)+
                }
                fn ship(
                    &mut self,
                    outputs: &mut Outputs,
                    capability: &timely::dataflow::operators::InputCapability<$crate::dataflow::Time>,
                ) {
                    $(outputs.$port.ship(capability, &mut self.$port);)+
                }
            }
        };
    };
}
pub(crate) use ports;

/// An operator without state that writes each item of its input to the outputs it belongs to, of those that are read.
pub fn split<'s, D: Clone + 'static, P: Ports>(
    input: Stream<'s, Time, Vec<D>>,
    name: &str,
    reads: P::Reads,
    mut logic: impl FnMut(D, &mut P) + 'static,
) -> P::Streams<'s> {
    let mut builder = OperatorBuilder::new(name.to_owned(), input.scope());
    let mut input = builder.new_input(input, Pipeline);
    builder.set_notify_for(0, timely::progress::operate::FrontierInterest::Never);
    let (mut outputs, streams) = P::outputs(&mut builder, reads);
    let mut ports = P::default();
    builder.build(move |_| {
        move |_| {
            input.for_each(|capability, items| {
                items.drain(..).for_each(|item| logic(item, &mut ports));
                ports.ship(&mut outputs, &capability);
            });
        }
    });
    streams
}
