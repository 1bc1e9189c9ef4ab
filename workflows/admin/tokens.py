"""Bearer tokens in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from workflows import access
from workflows.admin.reading import ReadingAdmin
from workflows.models import Token
from workflows.services.tokens import revoke_token


@admin.register(Token)
class TokenAdmin(ReadingAdmin):
    """Who may what until when; neither text nor digest. Revoking goes through the service."""

    list_display = ("name", "role", "scope", "created_by", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("role", "scope", ("revoked_at", admin.EmptyFieldListFilter), "expires_at")
    list_select_related = ("scope",)
    search_fields = ("name", "created_by", "scope__ref")
    fields = (
        "name", "role", "scope", "created_at", "created_by", "expires_at", "revoked_at", "last_used_at",
    )  # fmt: skip
    ordering = ("name",)
    actions = ("revoke_selected",)

    @admin.action(description=_("Revoke the selected tokens"), permissions=["view"])
    def revoke_selected(self, request: HttpRequest, chosen: QuerySet[Token]) -> None:
        """End them at once, where the person's role allows it."""
        allowed = [token for token in chosen if access.may(request.user, "tokens", token)]
        revoked = sum(revoke_token(token.name)[0] for token in allowed)
        self.message_user(
            request,
            _("Revoked %(n)d of %(all)d tokens.") % {"n": revoked, "all": len(chosen)},
        )
