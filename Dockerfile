# livecost's image. `make image` prepares the build context (dist/image): the wheel of this tree, and the wheels that
# requirements/image.txt pins by their hashes. The build itself needs no network, and neither stage needs a shell.
#
# Any image with Python 3.11 or newer as `python3` will do as a base; distroless has little else.
ARG BASE_IMAGE=gcr.io/distroless/python3-debian12

FROM ${BASE_IMAGE} AS installed
ARG SOURCE_DATE_EPOCH=0
USER 0
COPY . /context/
RUN ["python3", "/context/install.py", "/context", "/opt/livecost"]

FROM ${BASE_IMAGE}
COPY --from=installed /opt/livecost /opt/livecost
ENV PATH=/opt/livecost/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8
# A number, so that the kubelet can verify runAsNonRoot.
USER 65532:65532
WORKDIR /
EXPOSE 8080
ENTRYPOINT ["livecost"]
ARG VERSION=0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="livecost" \
      org.opencontainers.image.description="Kubernetes operator that sizes and prices live customer clusters" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
