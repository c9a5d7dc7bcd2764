//! The generator repeats, and its distributions have the moments they promise.

use super::*;

fn mean_and_spread(draws: &[f64]) -> (f64, f64) {
    let mean = draws.iter().sum::<f64>() / draws.len() as f64;
    let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / draws.len() as f64;
    (mean, variance.sqrt() / mean)
}

#[test]
fn same_key_same_draws_and_other_keys_other_draws() {
    let draw = |stream, line, count| Rng::keyed(7, stream, line, count).bits();
    assert_eq!(draw(Stream::Send, 1, 2), draw(Stream::Send, 1, 2));
    assert_ne!(draw(Stream::Send, 1, 2), draw(Stream::Send, 2, 1));
    assert_ne!(draw(Stream::Send, 1, 2), draw(Stream::Upset, 1, 2));
    assert_ne!(
        Rng::keyed(8, Stream::Send, 1, 2).bits(),
        draw(Stream::Send, 1, 2)
    );
}

#[test]
fn log_normal_has_its_mean_and_spread() {
    for spread in [0.0, 0.1, 0.35] {
        let draws: Vec<f64> = (0..20_000)
            .map(|count| {
                Rng::keyed(3, Stream::Send, 5, count)
                    .log_normal(Duration::from_secs(4), spread)
                    .as_secs_f64()
            })
            .collect();
        let (mean, measured) = mean_and_spread(&draws);
        assert!((mean - 4.0).abs() < 0.05, "mean {mean} at spread {spread}");
        assert!(
            (measured - spread).abs() < 0.02,
            "spread {measured}, wanted {spread}"
        );
    }
}

#[test]
fn exponential_has_its_mean() {
    let mut rng = Rng::keyed(1, Stream::Upset, 0, 0);
    let draws: Vec<f64> = (0..20_000)
        .map(|_| rng.exponential(Duration::from_secs(10)).as_secs_f64())
        .collect();
    let (mean, _) = mean_and_spread(&draws);
    assert!((mean - 10.0).abs() < 0.3, "mean {mean}");
}

#[test]
fn ranges_and_weights_are_kept() {
    let mut rng = Rng::keyed(1, Stream::Upset, 0, 0);
    let range = Duration::from_secs(1)..=Duration::from_secs(4);
    let mut counts = [0; 3];
    for _ in 0..6_000 {
        assert!(range.contains(&rng.between(&range)));
        assert!(rng.below(5) < 5);
        counts[rng.weighted([1.0, 0.0, 2.0].into_iter()).unwrap()] += 1;
    }
    assert_eq!(counts[1], 0);
    assert!((1_800..2_200).contains(&counts[0]), "{counts:?}");
    assert_eq!(rng.weighted([0.0].into_iter()), None);
    assert_eq!(rng.below(0), 0);
    assert_eq!(rng.log_normal(Duration::ZERO, 0.5), Duration::ZERO);
}
