# What runs in a container: the command `streamrnn`, the programs of `services`, and their kernels,
# compiled. docs/deploying.md says how it is used.

FROM python:3.11.13-slim-bookworm AS build
WORKDIR /source
RUN python -m venv --without-pip /opt/streamrnn

# What it rests on has a layer of its own, as it seldom changes.
COPY pyproject.toml constraints.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > requirements.txt \
    && pip --python /opt/streamrnn/bin/python install --constraint constraints.txt -r requirements.txt

COPY README.md LICENSE ./
COPY examples examples
COPY streamrnn streamrnn
RUN --mount=type=cache,target=/root/.cache/pip \
    pip wheel --no-deps --wheel-dir wheels .
RUN pip --python /opt/streamrnn/bin/python install --no-deps wheels/*.whl


FROM python:3.11.13-slim-bookworm
RUN groupadd --gid 10001 streamrnn \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin streamrnn \
    && install --directory --owner=10001 --group=10001 /var/cache/streamrnn
COPY --from=build /opt/streamrnn /opt/streamrnn
COPY services /opt/streamrnn/services
# A thread of OpenBLAS for each processor of a large machine would be many, and have nothing to do.
ENV PATH=/opt/streamrnn/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/cache/streamrnn \
    OPENBLAS_NUM_THREADS=1
USER 10001:10001

# Each cell predicts and learns once, and so is compiled.
RUN for cell in rnn lstm gru; do \
        echo '{"value": 1}' | streamrnn run /dev/null --set model.cell=$cell --set input.file=- \
            --set task.kind=forecast --set task.target=value --set output.file=- \
            --set dead_letters.file=/dev/null || exit 1; \
    done

WORKDIR /opt/streamrnn
ENV STREAMRNN_CONFIG=/etc/streamrnn/streamrnn.toml \
    STREAMRNN_METRICS__HOST=0.0.0.0 \
    STREAMRNN_METRICS__PORT=9464
EXPOSE 9464
# Where kernels have to be compiled first, nobody answers for some twenty seconds.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
CMD ["python", "services/learner"]
