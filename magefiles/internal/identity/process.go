package identity

import (
	"context"
	"strings"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	gatewaypb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// localGateway is the gateway that the frontend talks to, without a daemon behind it. It answers what it knows to be the daemon's
// answer, and fails for everything else: an answer that is only likely would make a key that means nothing.
type localGateway struct {
	request  Request
	files    *worktree.Tree
	images   *usedImages
	platform string // of the machine that builds
}

// BuildOpts implements gateway.Client. The frontend writes into the options.
func (p *localGateway) BuildOpts() gateway.BuildOpts {
	opts := gateway.BuildOpts{
		Opts: p.request.Attrs, LLBCaps: pb.Caps.CapSet(pb.Caps.All()),
		Caps: gatewaypb.Caps.CapSet(gatewaypb.Caps.All()),
	}
	machine := ocispec.Platform{OS: "linux", Architecture: platforms.DefaultSpec().Architecture}
	if parsed, err := platforms.Parse(p.platform); err == nil && p.platform != "" {
		machine = parsed
	}
	opts.Workers = []gateway.WorkerInfo{{Platforms: []ocispec.Platform{platforms.Normalize(machine)}}}
	return opts
}

// Inputs implements gateway.Client.
func (p *localGateway) Inputs(context.Context) (map[string]llb.State, error) {
	states := make(map[string]llb.State, len(p.request.Inputs))
	for name, input := range p.request.Inputs {
		op, err := llb.NewDefinitionOp(input)
		if err != nil {
			return nil, err
		}
		states[name] = llb.NewState(op)
	}
	return states, nil
}

// Solve implements gateway.Client: it evaluates nothing but single local sources, of which the frontend reads files.
func (p *localGateway) Solve(_ context.Context, r gateway.SolveRequest) (*Result, error) {
	if r.Frontend != "" {
		return nil, &unknownError{daemon: true, reason: "it is built by the frontend " + r.Frontend + ", which only a daemon runs"}
	}
	result := gateway.NewResult()
	if len(r.Definition.GetDef()) > 0 {
		result.SetRef(&localReference{process: p, definition: r.Definition})
	}
	return result, nil
}

// ResolveImageConfig implements gateway.Client.
func (p *localGateway) ResolveImageConfig(ctx context.Context, ref string, o sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	if o.OCILayoutOpt != nil || o.ImageOpt == nil {
		return "", "", nil, unknownKey("the image %s is in no registry", ref)
	}
	image, err := p.images.resolveImage(ctx, ref, o.ImageOpt.Platform)
	if err != nil {
		return "", "", nil, err
	}
	return withDigest(ref, image.Digest), image.Digest, image.Config, nil
}

// ResolveSourceMetadata implements gateway.Client.
func (p *localGateway) ResolveSourceMetadata(
	ctx context.Context, op *pb.SourceOp, o sourceresolver.Opt,
) (*sourceresolver.MetaResponse, error) {
	name, isImage := strings.CutPrefix(op.Identifier, imageScheme)
	if !isImage {
		return nil, remoteSource(op)
	}
	_, resolved, config, err := p.ResolveImageConfig(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return &sourceresolver.MetaResponse{Op: op, Image: &sourceresolver.ResolveImageResponse{Digest: resolved, Config: config}}, nil
}

// NewContainer implements gateway.Client.
func (p *localGateway) NewContainer(context.Context, gateway.NewContainerRequest) (gateway.Container, error) {
	return nil, unknownKey("it runs a container while its Dockerfile is read")
}

// Warn implements gateway.Client: warnings are the build's to show.
func (p *localGateway) Warn(context.Context, digest.Digest, string, gateway.WarnOpts) error {
	return nil
}
