//! Operators with several outputs. Timely's own way to split a stream is to filter it once per output, which copies
//! every container each time; here an operator writes into plain vectors, one per output, and sends each without
//! copying.

use super::Time;
use timely::Container;
use timely::container::CapacityContainerBuilder;
use timely::dataflow::Stream;
use timely::dataflow::channels::pact::Pipeline;
use timely::dataflow::operators::InputCapability;
use timely::dataflow::operators::generic::OutputBuilder;
use timely::dataflow::operators::generic::builder_rc::OperatorBuilder;

/// One output.
pub struct Port<D: 'static>(OutputBuilder<Time, CapacityContainerBuilder<Vec<D>>>)
where
    Vec<D>: Container;

impl<D: Clone + 'static> Port<D> {
    /// Adds an output to an operator.
    pub fn new<'s>(builder: &mut OperatorBuilder<'s, Time>) -> (Self, Stream<'s, Time, Vec<D>>) {
        let (output, stream) = builder.new_output();
        (Port(OutputBuilder::from(output)), stream)
    }

    /// How many items are sent at once: 32 KiB of them. Longer vectors would be copied while they grow and would be
    /// allocated and freed with every batch.
    const FULL: usize = if size_of::<D>() < 1 << 13 { (1 << 15) / size_of::<D>() } else { 4 };

    /// Sends what was written if it is enough for one message.
    pub fn ship_full(&mut self, capability: &InputCapability<Time>, written: &mut Vec<D>) {
        if written.len() >= Self::FULL {
            self.ship(capability, written);
            written.reserve(Self::FULL);
        }
    }

    /// Sends what was written and leaves the vector empty.
    pub fn ship(&mut self, capability: &InputCapability<Time>, written: &mut Vec<D>) {
        if !written.is_empty() {
            self.0.activate().session(capability).give_container(written);
            written.clear();
        }
    }
}

/// The vectors that an operator writes into, one per output; declared with `ports!`.
pub trait Ports: Default + 'static {
    /// The outputs' streams.
    type Streams<'s>;
    /// The outputs.
    type Outputs: 'static;
    /// Adds the outputs to an operator.
    fn outputs<'s>(builder: &mut OperatorBuilder<'s, Time>) -> (Self::Outputs, Self::Streams<'s>);
    /// Sends outputs that are full enough for one message.
    fn ship_full(&mut self, outputs: &mut Self::Outputs, capability: &InputCapability<Time>);
    /// Sends everything written.
    fn ship(&mut self, outputs: &mut Self::Outputs, capability: &InputCapability<Time>);
}

/// Declares the outputs of an operator.
macro_rules! ports {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident => $streams:ident { $($(#[$port_meta:meta])* $port:ident: $type:ty),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $name { $($(#[$port_meta])* pub $port: Vec<$type>),+ }

        /// The streams of the outputs of the same names.
        $vis struct $streams<'s> {
            $($(#[$port_meta])* pub $port: timely::dataflow::Stream<'s, $crate::dataflow::Time, Vec<$type>>),+
        }

        const _: () = {
            pub struct Outputs { $($port: $crate::dataflow::Port<$type>),+ }
            impl $crate::dataflow::Ports for $name {
                type Streams<'s> = $streams<'s>;
                type Outputs = Outputs;
                fn outputs<'s>(
                    builder: &mut timely::dataflow::operators::generic::builder_rc::OperatorBuilder<'s, $crate::dataflow::Time>,
                ) -> (Outputs, $streams<'s>) {
                    $(let $port = $crate::dataflow::Port::new(builder);)+
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

/// A stateless operator that writes each input item to the outputs it belongs to.
pub fn split<'s, D: Clone + 'static, P: Ports>(
    input: Stream<'s, Time, Vec<D>>,
    name: &str,
    mut logic: impl FnMut(D, &mut P) + 'static,
) -> P::Streams<'s> {
    let mut builder = OperatorBuilder::new(name.to_owned(), input.scope());
    let mut input = builder.new_input(input, Pipeline);
    builder.set_notify_for(0, timely::progress::operate::FrontierInterest::Never);
    let (mut outputs, streams) = P::outputs(&mut builder);
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
