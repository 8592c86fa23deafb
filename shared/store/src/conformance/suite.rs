use super::fixtures::Shared;
use super::{
    activations, batches, delivery, keys, lanes, modules, pins, quarantine, removal, replays, resume, runs, settle,
    signals, specs, streams, totals,
};

/// Runs every property, each on a store of its own that `fresh` gives, empty.
pub async fn suite(fresh: impl AsyncFn() -> Shared) {
    specs::a_spec_gets_a_version_for_each_new_text(fresh().await).await;
    specs::the_latest_specs_are_one_for_each_sync_by_name(fresh().await).await;
    specs::a_spec_version_that_is_not_there_is_not_found(fresh().await).await;

    runs::a_run_is_opened_once(fresh().await).await;
    runs::of_two_that_open_a_run_at_once_one_does(fresh().await).await;
    runs::a_run_keeps_every_field(fresh().await).await;
    runs::runs_are_listed_newest_first(fresh().await).await;
    runs::a_running_or_failed_run_can_be_given_up(fresh().await).await;
    runs::a_run_that_is_not_there_is_not_found(fresh().await).await;
    runs::a_given_up_run_moves_no_bookmark(fresh().await).await;

    streams::the_first_plan_stays(fresh().await).await;
    streams::of_two_plans_at_once_one_holds_for_both(fresh().await).await;
    streams::lanes_are_listed_in_the_order_they_were_planned(fresh().await).await;
    streams::planning_can_fail_but_a_plan_outlives_it(fresh().await).await;
    streams::a_finished_stream_moves_its_bookmark_once(fresh().await).await;
    streams::a_later_run_moves_the_bookmark_on(fresh().await).await;
    streams::a_stream_without_position_keeps_its_bookmark(fresh().await).await;
    streams::bookmarks_are_listed_and_reset(fresh().await).await;
    streams::a_stream_that_is_not_there_is_not_found(fresh().await).await;

    lanes::a_staged_batch_moves_its_lane(fresh().await).await;
    lanes::a_batch_that_is_not_the_next_is_overtaken(fresh().await).await;
    lanes::of_two_that_stage_at_once_one_wins(fresh().await).await;
    lanes::a_pull_ends_when_everything_is_staged(fresh().await).await;
    lanes::the_end_of_checks_counts_once_for_each_lane(fresh().await).await;
    lanes::a_lane_finishes_when_everything_is_delivered(fresh().await).await;
    lanes::an_empty_lane_finishes(fresh().await).await;
    lanes::a_failed_lane_keeps_its_first_fault(fresh().await).await;
    lanes::a_lane_that_is_not_there_is_not_found(fresh().await).await;

    batches::a_batch_is_read_back_as_it_was_staged(fresh().await).await;
    batches::only_lanes_at_work_hold_undelivered_bytes(fresh().await).await;
    batches::raw_batches_of_ended_runs_are_kept_until_forgotten(fresh().await).await;
    batches::a_failed_run_keeps_its_raw_batches_for_itself(fresh().await).await;

    delivery::batches_are_delivered_in_their_turn(fresh().await).await;
    delivery::a_delivery_counts_once(fresh().await).await;
    delivery::of_two_that_deliver_at_once_one_does(fresh().await).await;
    delivery::only_a_staged_batch_is_delivered(fresh().await).await;

    totals::totals_add_up_over_batches_and_hops(fresh().await).await;
    totals::a_tally_replaces_the_one_before(fresh().await).await;
    totals::streams_and_runs_are_summed_apart(fresh().await).await;

    settle::a_run_closes_when_all_its_streams_are_finished(fresh().await).await;
    settle::a_run_waits_for_the_destination_to_finish_its_streams(fresh().await).await;
    settle::a_run_fails_when_nothing_is_at_work_any_more(fresh().await).await;
    settle::a_failed_stream_waits_for_the_others(fresh().await).await;
    settle::a_given_up_run_stays_given_up(fresh().await).await;

    resume::a_failed_run_goes_on_where_it_was(fresh().await).await;
    resume::an_earlier_attempt_stages_nothing_any_more(fresh().await).await;
    resume::a_stream_that_could_not_be_planned_is_planned_again(fresh().await).await;
    resume::a_resumed_run_can_fail_again_with_its_new_fault(fresh().await).await;
    resume::a_running_run_is_taken_over_by_whoever_saw_its_attempt(fresh().await).await;
    resume::of_two_that_resume_at_once_one_counts(fresh().await).await;

    keys::a_key_another_batch_had_is_known(fresh().await).await;
    keys::a_later_row_of_the_same_key_is_known(fresh().await).await;
    keys::asked_again_for_a_batch_it_says_the_same(fresh().await).await;
    keys::checks_and_runs_have_their_own_keys(fresh().await).await;
    keys::forgotten_keys_are_new_again(fresh().await).await;
    keys::many_batches_of_keys_are_told_apart(fresh().await).await;
    keys::of_two_batches_at_once_one_has_the_key(fresh().await).await;
    keys::a_measure_replaces_the_one_before(fresh().await).await;

    quarantine::an_entry_is_read_back_as_it_was_written(fresh().await).await;
    quarantine::a_hop_replaces_what_it_quarantined_of_a_batch(fresh().await).await;
    quarantine::the_quarantine_is_listed_by_run_then_in_the_order_of_batches(fresh().await).await;
    quarantine::the_quarantine_is_filtered(fresh().await).await;

    replays::a_replay_is_read_back_as_it_was_opened(fresh().await).await;
    replays::a_spec_for_replays_has_a_version_and_is_never_the_latest(fresh().await).await;
    replays::raw_batches_are_found_by_run_and_time_and_the_gone_ones_counted(fresh().await).await;
    replays::a_raw_object_is_kept_once_and_forgotten_for_all(fresh().await).await;
    replays::resolved_entries_are_no_longer_open(fresh().await).await;

    signals::a_signal_is_kept_once(fresh().await).await;
    signals::signals_are_listed_newest_first(fresh().await).await;
    signals::a_note_changes_by_turns(fresh().await).await;
    signals::of_two_that_write_a_note_at_once_one_does(fresh().await).await;

    modules::modules_are_listed_by_name_then_newest_first(fresh().await).await;
    modules::a_taken_version_is_refused_to_other_bytes(fresh().await).await;
    modules::adding_a_module_again_replaces_its_artifact(fresh().await).await;
    modules::the_same_bytes_may_have_two_names(fresh().await).await;
    modules::a_module_keeps_every_field(fresh().await).await;

    removal::a_module_nobody_needs_is_removed(fresh().await).await;
    removal::an_active_version_is_not_removed(fresh().await).await;
    removal::bytes_a_spec_or_run_needs_are_not_removed(fresh().await).await;
    removal::bytes_with_another_name_stay(fresh().await).await;

    activations::the_last_activation_holds_and_all_are_kept(fresh().await).await;
    activations::activating_the_active_version_changes_nothing(fresh().await).await;
    activations::only_an_added_version_is_activated(fresh().await).await;
    activations::taking_back_goes_to_the_version_before_and_then_to_none(fresh().await).await;
    activations::taking_back_passes_over_versions_that_are_gone(fresh().await).await;
    activations::of_two_that_activate_at_once_both_are_in_the_history(fresh().await).await;
    activations::a_refusal_is_kept_once(fresh().await).await;

    pins::the_first_to_pin_a_batch_wins(fresh().await).await;
    pins::of_two_that_pin_at_once_both_hold_the_same(fresh().await).await;
    pins::nothing_is_pinned_while_an_activation_is_newer(fresh().await).await;
    pins::a_fixed_module_follows_nothing(fresh().await).await;
    pins::each_spec_version_pins_anew_and_the_latest_is_read(fresh().await).await;
    pins::resuming_forgets_the_pins_of_what_failed(fresh().await).await;
}
