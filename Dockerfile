# docker compose up --build       (compose.yaml has the settings that the sandbox needs)
FROM node:22-bookworm-slim AS front-end
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
WORKDIR /source
# What the restore reads, alone: its layer is kept until one of these files changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/CodexWeb.Agent/CodexWeb.Agent.csproj src/CodexWeb.Agent/packages.lock.json src/CodexWeb.Agent/
COPY src/CodexWeb/CodexWeb.csproj src/CodexWeb/packages.lock.json src/CodexWeb/
COPY src/CodexWeb/build src/CodexWeb/build
RUN dotnet restore src/CodexWeb --locked-mode
COPY . .
COPY --from=front-end /source/node_modules node_modules
# A kept layer may be older than the checkout, and the build would then want npm, which is not here.
RUN touch node_modules/.package-lock.json \
    && dotnet publish src/CodexWeb --no-restore --configuration Release --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap ca-certificates git libsqlite3-0 perl ripgrep util-linux \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o "$APP_UID" -g "$APP_UID" -m 0700 /data
COPY --from=build /app /app
USER $APP_UID
WORKDIR /data
VOLUME /data
# Inside a container the server has to listen on all its addresses: publish the port on a loopback address of the host only.
ENV HOME=/data \
    ASPNETCORE_HTTP_PORTS= \
    ASPNETCORE_URLS=http://0.0.0.0:5080 \
    Server__AllowNonLoopback=true \
    Data__Directory=/data
EXPOSE 5080
# The image has no curl; bash opens the connection itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5080 && printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r -t 4 line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["dotnet", "/app/CodexWeb.dll"]
