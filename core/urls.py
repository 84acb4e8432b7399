"""Routes of the core."""

from django.urls import path

from core.views import accounts, imports, operations, people, proposals, search

app_name = "core"
urlpatterns = [
    path("sign-in/", accounts.sign_in, name="sign-in"),
    path("sign-out/", accounts.sign_out, name="sign-out"),
    path("password/", accounts.password_change, name="password-change"),
    path("accounts/", accounts.account_list, name="account-list"),
    path("accounts/new/", accounts.account_create, name="account-create"),
    path("accounts/<int:pk>/toggle/", accounts.account_toggle, name="account-toggle"),
    path("accounts/<int:pk>/reset/", accounts.account_reset, name="account-reset"),
    path("grants/", accounts.grant_list, name="grant-list"),
    path("accounts/<int:pk>/grant/", accounts.grant_create, name="grant-create"),
    path("grants/<int:pk>/revoke/", accounts.grant_revoke, name="grant-revoke"),
    path("units/", people.unit_list, name="unit-list"),
    path("units/new/", people.unit_create, name="unit-create"),
    path("units/<int:pk>/", people.unit_edit, name="unit-edit"),
    path("units/<int:pk>/close/", people.unit_close, name="unit-close"),
    path("cadres/<int:pk>/leave/", people.cadre_leave, name="cadre-leave"),
    path("cadres/", people.cadre_list, name="cadre-list"),
    path("cadres/options/", people.cadre_options, name="cadre-options"),
    path("cadres/<int:pk>/", people.cadre_detail, name="cadre-detail"),
    path("imports/", imports.import_upload, name="import-upload"),
    path("imports/template/<slug:kind>/", imports.import_template, name="import-template"),
    path("imports/<int:pk>/", imports.import_preview, name="import-preview"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import-confirm"),
    path("imports/<int:pk>/take-back/", imports.import_take_back, name="import-take-back"),
    path("jobs/<int:pk>/", operations.job_status, name="job-status"),
    path("proposals/", proposals.proposal_list, name="proposal-list"),
    path("proposals/<int:pk>/", proposals.proposal_detail, name="proposal-detail"),
    path("proposals/<int:pk>/answer/", proposals.proposal_answer, name="proposal-answer"),
    path("audit/", operations.audit_list, name="audit-list"),
    path("audit/verify/", operations.audit_verify, name="audit-verify"),
    path("search/", search.search, name="search"),
    path("help/", people.help_page, name="help"),
]
