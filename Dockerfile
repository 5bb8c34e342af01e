# The image of the job: only what the npm package holds and its production dependencies, run by a user without rights.
# Works with a read-only root: data in /var/lib/bucketwatch, scratch files in /tmp. The config is looked for in
# /etc/bucketwatch/bucketwatch.yaml. Exit codes: docs/deployment.md.
ARG NODE=node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c

FROM ${NODE} AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build \
 && npm pack --ignore-scripts --pack-destination /tmp \
 && mkdir /package \
 && tar -xzf /tmp/bucketwatch-*.tgz -C /package --strip-components=1 \
 && chmod 755 /package/dist/cli/bucketwatch.js \
 && mkdir -p /data /config

FROM ${NODE} AS dependencies
WORKDIR /package
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE}
ENV NODE_ENV=production \
    BUCKETWATCH_DATA_DIR=/var/lib/bucketwatch \
    TMPDIR=/tmp \
    HOME=/tmp
COPY --from=build /package /opt/bucketwatch
COPY --from=dependencies /package/node_modules /opt/bucketwatch/node_modules
RUN ln -s /opt/bucketwatch/dist/cli/bucketwatch.js /usr/local/bin/bucketwatch
COPY --from=build --chown=10001:10001 /data /var/lib/bucketwatch
COPY --from=build /config /etc/bucketwatch
WORKDIR /etc/bucketwatch
USER 10001:10001
VOLUME /var/lib/bucketwatch
STOPSIGNAL SIGTERM
ENTRYPOINT ["bucketwatch"]
CMD ["run", "--log-format", "json"]
