package identity

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// syntaxArg names a frontend as `# syntax=` does.
const syntaxArg = "build-arg:BUILDKIT_SYNTAX"

// convertDockerfile runs BuildKit's Dockerfile frontend in this process: what its builder.Build does for an image, without the package
// of that name, which links the solver. Other frontends run in containers, which takes a daemon.
func convertDockerfile(ctx context.Context, p *localGateway) (*Result, error) {
	ui, err := dockerui.NewClient(p)
	if err != nil {
		return nil, err
	}
	source, err := ui.ReadEntrypoint(ctx, "Dockerfile")
	if err != nil {
		return nil, err
	}
	syntax, named := p.request.Attrs[syntaxArg]
	if !named {
		syntax, _, _, named = parser.DetectSyntax(source.Data)
	}
	if named {
		return nil, &unknownError{daemon: true, reason: "its Dockerfile is read by the frontend " + syntax + ", which only a daemon runs"}
	}
	built, err := ui.Build(ctx, func(ctx context.Context, platform *ocispec.Platform, _ int) (*dockerui.BuildResult, error) {
		return convertPlatform(ctx, p, ui, source, platform)
	})
	if err != nil {
		return nil, err
	}
	return built.Finalize()
}

func convertPlatform(
	ctx context.Context, p *localGateway, ui *dockerui.Client, source *dockerui.Source, platform *ocispec.Platform,
) (*dockerui.BuildResult, error) {
	// Without Warn nothing is checked: the checks of stages that are resolved at once write to one list, without a lock.
	options := dockerfile2llb.ConvertOpt{
		Config: ui.Config, Client: ui, SourceMap: source.SourceMap, MetaResolver: p,
		TargetPlatform: platform,
	}
	options.BuildArgs = maps.Clone(options.BuildArgs)
	image, err := dockerfile2llb.Dockerfile2LLB(ctx, source.Data, options)
	if err != nil {
		return nil, err
	}
	marshalled, err := image.State.Marshal(ctx)
	if err != nil {
		return nil, err
	}
	solved, err := p.Solve(ctx, gateway.SolveRequest{Definition: marshalled.ToPB()})
	if err != nil {
		return nil, err
	}
	ref, err := solved.SingleRef()
	if err != nil {
		return nil, err
	}
	return &dockerui.BuildResult{Reference: ref, Image: image.Image, BaseImage: image.BaseImage, Epoch: image.Epoch}, nil
}

// unknownError is the reason why an image has no key.
type unknownError struct {
	reason string
	daemon bool // a daemon can tell
}

func (e *unknownError) Error() string { return e.reason }

// unknownKey returns the reason that there is no key.
func unknownKey(format string, args ...any) error {
	return &unknownError{reason: fmt.Sprintf(format, args...)}
}

func needsDaemon(err error) bool {
	unknown, ok := errors.AsType[*unknownError](err)
	return ok && unknown.daemon
}

// errorFirstLine is an error's first line.
func errorFirstLine(err error) string {
	if unknown, ok := errors.AsType[*unknownError](err); ok {
		return unknown.reason
	}
	return firstLine(err.Error())
}
