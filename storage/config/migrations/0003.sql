-- Ways in for MQTT clients. client_ca is PEM.
CREATE TABLE listener (
    id                  TEXT PRIMARY KEY,
    ordinal             INTEGER NOT NULL,
    kind                TEXT NOT NULL,
    address             TEXT NOT NULL,
    anonymous           INTEGER NOT NULL,
    client_certificates TEXT NOT NULL,
    client_ca           TEXT NOT NULL,
    certificate_user    INTEGER NOT NULL,
    proxy_protocol      INTEGER NOT NULL,
    disabled            INTEGER NOT NULL
) STRICT;
