"""Pages of bulk acts: the question with its preview, the job with its results, and exports."""

from runs.views.bulk.asking import bulk_act
from runs.views.bulk.exporting import export_runs, export_workflows
from runs.views.bulk.job import bulk_continue, bulk_job, bulk_stop

__all__ = ["bulk_act", "bulk_continue", "bulk_job", "bulk_stop", "export_runs", "export_workflows"]
