package identity_test

import (
	"context"
	"strings"

	"github.com/moby/buildkit/client"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/session"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
)

// ask returns the image's fingerprint by a daemon's answer. There is no exporter, so an empty result is none of an image.
func (s *scene) ask(c *client.Client) (f identity.Fingerprint) {
	s.t.Helper()
	o := s.options()
	dirs := map[string]string{"context": s.image.Context, "dockerfile": "."}
	for name, source := range s.image.Contexts {
		if !strings.HasPrefix(source, config.ImageScheme) {
			dirs["context:"+name] = source
		}
	}
	var solved error
	so := client.SolveOpt{Session: []session.Attachable{o.Files.Server(dirs)}, SourcePolicy: identity.Pins(s.compute().Bases)}
	_, err := c.Build(s.t.Context(), so, "", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		frontend := identity.Frontend{Files: o.Files, Epoch: o.Epoch, Session: func(string) string { return c.BuildOpts().SessionID }}
		var result *gateway.Result
		result, solved = frontend.Solve(ctx, s.image, s.image.Platforms, func(ctx context.Context, r identity.Request) (*gateway.Result, error) {
			return c.Solve(ctx, gateway.SolveRequest{Frontend: "dockerfile.v0", FrontendOpt: r.Attrs, FrontendInputs: r.Inputs})
		})
		if solved == nil {
			directory := func(_, name string) (string, bool) { dir, ok := dirs[name]; return dir, ok }
			f = identity.FromResult(ctx, c, s.image, result, directory, o)
		}
		return gateway.NewResult(), nil
	}, nil)
	s.must(err)
	if solved != nil {
		f.Unknown = solved.Error()
	}
	return f
}
