"""What holds for livecost beside a cluster holds for it in one: the main path's tests, against its pods."""

from e2e.test_main_path import (
    test_a_customer_gets_the_nodes_that_its_users_need,
    test_an_operator_at_rest_writes_nothing,
    test_get_customerclusters_answers_how_big_how_much_and_is_it_true,
    test_get_customerfleets_adds_the_customers_up,
    test_observed_node_cost_is_what_prometheus_saw_times_the_price,
    test_the_operator_leaves_no_finalizer_and_no_annotation,
    test_the_worked_examples_bill_comes_out_to_the_cent,
)
from e2e.test_main_path_changes import (
    test_a_cost_that_leaves_the_projection_is_told_and_its_return_too,
    test_a_dynamic_node_pool_is_refused_with_the_remedy,
    test_a_foreign_scale_is_put_right_once_and_then_reported,
    test_a_profiles_edit_reprices_and_resizes_all_its_users,
    test_nodes_come_at_once_and_go_one_by_one_after_the_window,
    test_paused_computes_and_patches_nothing,
    test_paused_scale_down_grows_and_does_not_shrink,
    test_recommend_mode_reports_and_patches_nothing,
    test_the_older_of_two_customers_keeps_the_node_pool,
)

__all__ = [
    "test_a_cost_that_leaves_the_projection_is_told_and_its_return_too",
    "test_a_customer_gets_the_nodes_that_its_users_need",
    "test_a_dynamic_node_pool_is_refused_with_the_remedy",
    "test_a_foreign_scale_is_put_right_once_and_then_reported",
    "test_a_profiles_edit_reprices_and_resizes_all_its_users",
    "test_an_operator_at_rest_writes_nothing",
    "test_get_customerclusters_answers_how_big_how_much_and_is_it_true",
    "test_get_customerfleets_adds_the_customers_up",
    "test_nodes_come_at_once_and_go_one_by_one_after_the_window",
    "test_observed_node_cost_is_what_prometheus_saw_times_the_price",
    "test_paused_computes_and_patches_nothing",
    "test_paused_scale_down_grows_and_does_not_shrink",
    "test_recommend_mode_reports_and_patches_nothing",
    "test_the_older_of_two_customers_keeps_the_node_pool",
    "test_the_operator_leaves_no_finalizer_and_no_annotation",
    "test_the_worked_examples_bill_comes_out_to_the_cent",
]
