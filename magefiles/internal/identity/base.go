package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
)

// OnBuildMounts returns the ONBUILD instructions that mount something, of the images that a build takes from registries, as
// "image: instruction". The build runs them although its Dockerfile does not say so, with the secrets that it is given.
func OnBuildMounts(ctx context.Context, client gateway.Client, result *Result) ([]string, error) {
	var found []string
	for _, ref := range references(result) {
		graph, err := definition(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("reading what BuildKit makes of the Dockerfile: %w", err)
		}
		for _, data := range graph.GetDef() {
			op := &pb.Op{}
			if err := op.UnmarshalVT(data); err != nil {
				return nil, fmt.Errorf("reading a build graph: %w", err)
			}
			mounts, err := onBuildMounts(ctx, client, op)
			if err != nil {
				return nil, err
			}
			found = append(found, mounts...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// references are those of a result, one for each platform.
func references(result *Result) []gateway.Reference {
	refs := []gateway.Reference{result.Ref}
	for _, ref := range result.Refs {
		refs = append(refs, ref)
	}
	return refs
}

func onBuildMounts(ctx context.Context, client gateway.Client, op *pb.Op) ([]string, error) {
	name, isImage := strings.CutPrefix(op.GetSource().GetIdentifier(), imageScheme)
	if !isImage {
		return nil, nil
	}
	o := sourceresolver.Opt{ImageOpt: &sourceresolver.ResolveImageOpt{}}
	if p := op.Platform; p != nil {
		platform := p.Spec()
		o.ImageOpt.Platform = &platform
	}
	_, _, config, err := client.ResolveImageConfig(ctx, name, o)
	if err != nil {
		return nil, fmt.Errorf("looking up the base image %s: %w", name, err)
	}
	var image struct {
		Config struct{ OnBuild []string } `json:"config"`
	}
	if err := json.Unmarshal(config, &image); err != nil {
		return nil, fmt.Errorf("reading the configuration of %s: %w", name, err)
	}
	var mounts []string
	for _, instruction := range image.Config.OnBuild {
		if strings.Contains(strings.ToLower(instruction), "--mount") {
			name, _, _ := strings.Cut(name, "@")
			mounts = append(mounts, name+": ONBUILD "+instruction)
		}
	}
	return mounts, nil
}
