//! The script's landmarks are where they are said to be, and its judgements hold.

use super::*;

#[test]
fn landmarks_name_their_steps() {
    let profile = crate::Profiles::builtin().generic();
    let first = |step: usize| STEPS[step].ways.at(&profile, 0).unwrap().command;
    assert_eq!(first(ATTENTION_STEP), Execute(""));
    assert_eq!(first(PROFILE_STEP), Execute("Z"));
    assert_eq!(first(FORMAT_STEP), Execute("E0V1Q0"));
    assert_eq!(first(IDENTIFIED_STEP), Execute("+CGMR"));
    assert_eq!(first(SIM_STEP), Read("+CPIN"));
    assert_eq!(first(ICCID_STEP), Execute("+CCID"));
    assert_eq!(first(NETWORK_STEP), Read("+CREG"));
    assert!(STEPS.iter().all(|step| step.tries > 0));
}
