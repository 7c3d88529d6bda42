# One image for every process of CashTicket; docker-compose.yml says which command each one runs.
#
# The digest is copied from the list that Docker publishes of this tag, https://github.com/docker-library/repo-info
# (repos/python/remote/3.13-slim-bookworm.md). deploy/compose/digests.sh writes a newer one.

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv --without-pip /opt/cashticket
WORKDIR /srv/build
COPY requirements.txt .
# http-ece comes as source alone: its wheel is made here. Removed is what nobody loads: where phone numbers are used and who
# carries them, languages that no page has, and tests of others.
RUN pip --python /opt/cashticket/bin/python install --require-hashes --only-binary :all: --no-binary http-ece -r requirements.txt \
    && find /opt/cashticket/lib -type d \( -path '*/phonenumbers/geodata' -o -path '*/phonenumbers/carrierdata' \
        -o -path '*/phonenumbers/tzdata' -o -path '*/gevent/tests' -o -path '*/greenlet/tests' \) -prune -exec rm -r {} + \
    && find /opt/cashticket/lib -path '*/babel/locale-data/*.dat' ! -name 'ko*' ! -name 'en*' ! -name root.dat -delete

FROM python:3.13-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin cashticket
COPY --from=packages /opt/cashticket /opt/cashticket
WORKDIR /srv/cashticket
# `flask ops doctor` compares the packages with requirements.txt.
COPY gunicorn.conf.py wsgi.py worker.py requirements.txt ./
COPY migrations migrations
COPY cashticket cashticket
# The process cannot write here, only to its posters and its witness; what can be compiled is compiled now.
RUN PATH=/opt/cashticket/bin:$PATH python -m cashticket.compiled_texts && python -m compileall -q . \
    && install -d -o 10001 -g 10001 -m 0750 /var/lib/cashticket/posters /var/lib/cashticket/witness
ENV PATH=/opt/cashticket/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    APP_ENV=production \
    POSTERS=/var/lib/cashticket/posters \
    WITNESS_DIR=/var/lib/cashticket/witness \
    FLASK_APP=wsgi
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "wsgi:app"]
