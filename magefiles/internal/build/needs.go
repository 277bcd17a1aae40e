package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// needs asks the frontend for an image and, before that, for the images that it needs: their results are its named
// contexts. Nothing is exported on the way. Where several components need one, each asks for it, and BuildKit runs the
// steps once, because they are the same vertices.
type needs struct {
	client gateway.Client
	attrs  func(plan.Image) map[string]string // the frontend's options for an image
	solved map[string]*gateway.Result         // by component
}

// needing is the gateway's side of a build.
func needing(img plan.Image, attrs func(plan.Image) map[string]string) gateway.BuildFunc {
	return func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		n := needs{client: c, attrs: attrs, solved: map[string]*gateway.Result{}}
		return n.solve(ctx, img, attrs(img))
	}
}

func (n needs) solve(ctx context.Context, img plan.Image, attrs map[string]string) (*gateway.Result, error) {
	inputs := map[string]*pb.Definition{}
	for _, need := range img.Needs {
		result, err := n.needed(ctx, need)
		if err != nil {
			return nil, err
		}
		if err := addInput(ctx, attrs, inputs, need.Component, result); err != nil {
			return nil, fmt.Errorf("taking %q as a context of %q: %w", need.Component, img.Component, err)
		}
	}
	return n.client.Solve(ctx, gateway.SolveRequest{Frontend: frontend, FrontendOpt: attrs, FrontendInputs: inputs})
}

func (n needs) needed(ctx context.Context, img plan.Image) (*gateway.Result, error) {
	if result := n.solved[img.Component]; result != nil {
		return result, nil
	}
	result, err := n.solve(ctx, img, n.attrs(img))
	n.solved[img.Component] = result
	return result, err
}

// addInput makes a result the named context `name`, for each platform that it has. The image's configuration goes along, so
// that its environment holds below FROM (buildkit, frontend/dockerui/namedcontext.go).
func addInput(ctx context.Context, attrs map[string]string, inputs map[string]*pb.Definition, name string, result *gateway.Result) error {
	if len(result.Refs) == 0 {
		return addRef(ctx, attrs, inputs, name, result.Ref, result.Metadata[exptypes.ExporterImageConfigKey])
	}
	platforms, err := exptypes.ParsePlatforms(result.Metadata)
	if err != nil {
		return err
	}
	for _, p := range platforms.Platforms {
		config := exptypes.ParseKey(result.Metadata, exptypes.ExporterImageConfigKey, &p)
		if err := addRef(ctx, attrs, inputs, name+"::"+p.ID, result.Refs[p.ID], config); err != nil {
			return err
		}
	}
	return nil
}

func addRef(ctx context.Context, attrs map[string]string, inputs map[string]*pb.Definition, name string, ref gateway.Reference, config []byte) error {
	if ref == nil {
		return errors.New("it has no files, and BuildKit takes no such image")
	}
	state, err := ref.ToState()
	if err != nil {
		return err
	}
	definition, err := state.Marshal(ctx)
	if err != nil {
		return err
	}
	metadata, err := json.Marshal(map[string][]byte{exptypes.ExporterImageConfigKey: config})
	if err != nil {
		return err
	}
	inputs[name] = definition.ToPB()
	attrs["context:"+name] = "input:" + name
	attrs["input-metadata:"+name] = string(metadata)
	return nil
}
