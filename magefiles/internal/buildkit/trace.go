package buildkit

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"go.opentelemetry.io/otel/attribute"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/pool"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// traceSolve runs one solve of a daemon as a span, to which the daemon's own spans of the solve belong: BuildKit's client
// hands the context's trace on (client.New in buildkit, client/client.go).
func (b *builder) traceSolve(ctx context.Context, m *pool.Member, j *job, r solveRequest,
	solve func(context.Context) (ocispec.Descriptor, error),
) (ocispec.Descriptor, error) {
	platforms := cmp.Or(strings.Join(r.platforms, ","), m.NativeMachine())
	telemetry.Info(ctx, "solving", slog.String("component", string(j.Component)), slog.String("daemon", m.Address),
		slog.String("platforms", platforms))
	ctx, span := telemetry.Start(ctx, "solve "+string(j.Component),
		attribute.String("astrago.component", string(j.Component)), attribute.String("astrago.buildkit.address", m.Address),
		attribute.String("astrago.buildkit.version", m.Version), attribute.String("astrago.platforms", platforms))
	desc, err := solve(ctx)
	if err != nil {
		telemetry.End(span, errors.New(b.redact.String(err.Error()))) // it may quote what only the build knows as secret
		return desc, err
	}
	span.SetAttributes(attribute.String("oci.manifest.digest", desc.Digest.String()))
	telemetry.End(span, nil)
	telemetry.Info(ctx, "solved", slog.String("component", string(j.Component)), slog.String("digest", desc.Digest.String()))
	return desc, nil
}
