// Package githubd starts an in-process GitHub: package github with both of its interfaces. The demo and the benchmarks start it
// as it is, tests through package githubtest.
package githubd

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/graph"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/rest"
)

// Start begins to serve on a free port of 127.0.0.1. ctx bounds the start only; Close ends the server.
func Start(ctx context.Context, o github.Options) (*github.Server, error) {
	return github.Serve(ctx, o, rest.Routes(), graph.Root)
}
