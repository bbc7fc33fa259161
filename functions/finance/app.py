"""The finance door: what finance and operators call with staff access tokens."""

from chalicelib.edge.audit import record_read
from chalicelib.edge.callers import staff
from chalicelib.edge.door import Door
from chalicelib.edge.wiring_finance import BackOffice

wired = BackOffice()
app = Door(
    "finance",
    wired=lambda: wired,
    authenticate=staff,
    audits=record_read,
    desks=(
        "chalicelib.edge.finance_case_desk.FinanceCaseDesk",
        "chalicelib.edge.finance_charge_desk.FinanceChargeDesk",
        "chalicelib.edge.books_desk.BooksDesk",
        "chalicelib.edge.share_desk.ShareDesk",
        "chalicelib.edge.control_desk.ControlDesk",
        "chalicelib.edge.dispute_desk.DisputeDesk",
        "chalicelib.edge.comparison_desk.ComparisonDesk",
        "chalicelib.edge.close_desk.CloseDesk",
        "chalicelib.edge.audit_desk.AuditDesk",
        "chalicelib.edge.reconciliation_desk.ReconciliationDesk",
        "chalicelib.edge.unbilled_desk.UnbilledDesk",
        "chalicelib.edge.trace_desk.TraceDesk",
        "chalicelib.edge.refund_desk.RefundDesk",
        "chalicelib.edge.outside_desk.OutsideDesk",
        "chalicelib.edge.selling_desk.SellingDesk",
        "chalicelib.edge.term_desk.TermDesk",
        "chalicelib.edge.monitor_desk.MonitorDesk",
        "chalicelib.edge.finance_wallet_desk.FinanceWalletDesk",
        "chalicelib.edge.export_desk.ExportDesk",
        "chalicelib.edge.plan_desk.PlanDesk",
        "chalicelib.edge.announcement_desk.AnnouncementDesk",
        "chalicelib.edge.partners_desk.PartnersDesk",
        "chalicelib.edge.timeline_desk.FinanceTimelineDesk",
        "chalicelib.edge.parked_desk.ParkedDesk",
        "chalicelib.edge.category_desk.CategoryDesk",
        "chalicelib.edge.journal_desk.JournalDesk",
        "chalicelib.edge.simulation_desk.FinanceSimulationDesk",
    ),
)
