# One image for web, worker, beat and the migration step; docker-compose.yml says which is which.
FROM python:3.13-slim AS packages
COPY requirements.txt /tmp/
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app app && install -d -o app /data /mailbox
COPY --from=packages /venv /venv
COPY --chown=root:root . /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=referral_saas.settings MODE=production DATA_DIR=/data STATIC_ROOT=/app/staticfiles
# Hashed static files and compiled translations are part of the image; neither needs a secret, so they are made here.
RUN python -m ops.image && chmod -R a+rX /app
USER app
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "referral_saas.wsgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "30"]
