from django.apps import AppConfig


class ReferralSaasConfig(AppConfig):
    name = "referral_saas"

    def ready(self) -> None:
        from kit.connections import read_moments_quickly
        from referral_saas import checks  # noqa: F401  # registers the system check

        read_moments_quickly()
