//! Programs: effects where participants have comparable students, gains otherwise.

use super::{Advice, Candidate, Finding, Found, Series, Topic, at_least, significant};
use crate::insight::numbers::{Effect, Gain, Numbers};
use crate::insight::words::{count, distance, interval, real};
use crate::kpi::statistics::Z95;

pub(super) const TOPIC: Topic = Topic { comparisons: |numbers, _| candidates(numbers).len(), find };

fn find(numbers: &Numbers, _: &[Series<'_>], critical: f64) -> Found {
    let findings = significant(candidates(numbers), critical);
    let quiet = !numbers.effects.is_empty() && findings.is_empty();
    Found { findings, quiet: quiet.then(|| "no program has a significant effect".to_owned()) }
}

fn candidates(numbers: &Numbers) -> Vec<Candidate> {
    let has_effect = |program: &str| numbers.effects.iter().any(|effect| effect.program == program);
    let effects = numbers.effects.iter().filter(|effect| effect.standing == "comparable");
    let gains = numbers.gains.iter().filter(|gain| gain.arm == "treatment" && !has_effect(&gain.program));
    effects.map(|of| effect(numbers, of)).chain(gains.map(|of| gain(numbers, of))).collect()
}

fn name<'a>(numbers: &'a Numbers, program: &'a str) -> &'a str {
    numbers.programs.get(program).map_or(program, String::as_str)
}

fn effect(numbers: &Numbers, effect: &Effect) -> Candidate {
    let se = (effect.high - effect.low) / (2.0 * Z95);
    let z = (se > 0.0).then(|| effect.effect / se);
    let size = effect.g.unwrap_or_default().abs();
    let (more, verb) = if effect.effect < 0.0 { ("less", "did not help its students") } else { ("more", "shows an effect") };
    let text = format!(
        "Its {} participants gained {} points {more} than {} comparison students ({}), or {} standard deviations.",
        count(effect.n.0),
        real(effect.effect.abs(), 1),
        count(effect.n.1),
        distance(effect.effect, effect.low, effect.high),
        real(size, 2),
    );
    let what = match effect.effect < 0.0 {
        true => "review the program before offering it again.",
        false => "report the cost per student, and whether the program can reach more students.",
    };
    let finding = Finding {
        score: size * least_share(effect.effect, effect.low, effect.high) / 0.25,
        headline: format!("{} {verb}", name(numbers, &effect.program)),
        text,
        advice: Some(Advice::to("Program office", what)),
    };
    Candidate { z, finding }
}

fn gain(numbers: &Numbers, gain: &Gain) -> Candidate {
    let mut text = format!(
        "Its {} participants with scores before and after the program gained {} points ({}).",
        count(gain.n),
        real(gain.gain, 1),
        interval(gain.low, gain.high),
    );
    let compared = numbers.gains.iter().find(|other| other.program == gain.program && other.arm == "comparison");
    if let Some(other) = compared {
        let (points, n) = (real(other.gain, 1), count(other.n));
        text.push_str(&format!(
            " The {n} students in the comparison group gained {points}, but the groups are too small to estimate an effect."
        ));
    }
    text.push_str(" A gain is not an effect: students also gain without a program.");
    let what = "form groups of at least 30 students with similar starting scores, so its effect can be estimated.";
    let finding = Finding {
        score: gain.d.unwrap_or_default().abs().min(1.0) * least_share(gain.gain, gain.low, gain.high) * 0.5,
        headline: format!("Participants of {} gained", name(numbers, &gain.program)),
        text,
        advice: Some(Advice::to("Program office", what)),
    };
    Candidate { z: gain.t, finding }
}

/// The end of an interval that is closer to zero, as a share of the value.
fn least_share(value: f64, low: f64, high: f64) -> f64 {
    if value == 0.0 { 0.0 } else { at_least(low, high) / value.abs() }
}

#[cfg(test)]
mod tests {
    use crate::insight::findings::choose;
    use crate::insight::findings::tests::{only, quiet};
    use crate::insight::numbers::{Effect, Gain, Numbers};
    use std::collections::BTreeMap;

    #[test]
    fn an_effect_needs_comparable_arms_and_a_gain_is_no_effect() {
        let effect = Effect {
            program: "P".to_owned(),
            n: (120, 130),
            standing: "comparable".to_owned(),
            effect: 5.0,
            low: 3.0,
            high: 7.0,
            g: Some(0.4),
        };
        let programs = BTreeMap::from([("P".to_owned(), "Reading Tutors".to_owned())]);
        let finding = only(&Numbers { effects: vec![effect.clone()], programs: programs.clone(), ..quiet() });
        assert_eq!(finding.headline, "Reading Tutors shows an effect");
        assert!((finding.score - 0.4 * 0.6 / 0.25).abs() < 1e-9);
        let adjusted = Effect { standing: "needs adjustment".to_owned(), ..effect.clone() };
        assert!(choose(&Numbers { effects: vec![adjusted], ..quiet() }).findings.is_empty());
        let unsure = Effect { low: -1.0, high: 11.0, ..effect };
        let chosen = choose(&Numbers { effects: vec![unsure], ..quiet() });
        assert!(chosen.findings.is_empty() && chosen.quiet.iter().any(|line| line.contains("no program")));
        let gain = Gain {
            program: "P".to_owned(),
            arm: "treatment".to_owned(),
            n: 40,
            gain: 12.0,
            low: 9.0,
            high: 15.0,
            t: Some(8.0),
            d: Some(0.8),
        };
        let finding = only(&Numbers { gains: vec![gain], programs, ..quiet() });
        assert!(finding.text.contains("A gain is not an effect"), "{}", finding.text);
    }
}
