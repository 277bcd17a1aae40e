package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Result is the frontend's answer.
type Result = gateway.Result

// Request is one question to the Dockerfile frontend.
type Request struct {
	Component component.Name // that is asked for
	Attrs     map[string]string
	Inputs    map[string]*pb.Definition // graphs of needed images, by the name of their context
}

// Ask has the frontend answer a request.
type Ask func(ctx context.Context, r Request) (*Result, error)

// Solve asks for an image and, before that, for the images that it needs: their results are its named contexts. Nothing is
// exported on the way.
func (f Frontend) Solve(ctx context.Context, image plan.Image, platforms []string, ask Ask) (*Result, error) {
	if f.needs == nil {
		f.needs = newNeeds()
	}
	r := Request{Component: image.Component, Attrs: f.Attrs(ctx, image, platforms), Inputs: map[string]*pb.Definition{}}
	for _, need := range image.Needs {
		result, err := f.needs.compute(string(need.Component)+" "+strings.Join(platforms, ","), func() (*Result, error) {
			return f.Solve(ctx, need, platforms, ask)
		})
		if err != nil {
			return nil, err
		}
		if err := r.addContext(ctx, string(need.Component), result); err != nil {
			return nil, fmt.Errorf("taking %q as a context of %q: %w", need.Component, image.Component, err)
		}
	}
	return ask(ctx, r)
}

// needResults are results by component and platforms.
type needResults struct{ onceByKey[*Result] }

func newNeeds() *needResults { return &needResults{} }

// addContext makes a result the named context `name`, for each platform that it has. The image's configuration goes along, so that
// its environment holds below FROM (buildkit, frontend/dockerui/namedcontext.go).
func (r Request) addContext(ctx context.Context, name string, result *Result) error {
	if len(result.Refs) == 0 {
		return r.addRef(ctx, name, result.Ref, result.Metadata[exptypes.ExporterImageConfigKey])
	}
	platforms, err := exptypes.ParsePlatforms(result.Metadata)
	if err != nil {
		return err
	}
	for _, p := range platforms.Platforms {
		config := exptypes.ParseKey(result.Metadata, exptypes.ExporterImageConfigKey, &p)
		if err := r.addRef(ctx, name+"::"+p.ID, result.Refs[p.ID], config); err != nil {
			return err
		}
	}
	return nil
}

func (r Request) addRef(ctx context.Context, name string, ref gateway.Reference, config []byte) error {
	definition, err := marshalDefinition(ctx, ref)
	if err != nil {
		return err
	}
	if definition == nil {
		return errors.New("it has no files, and BuildKit takes no such image")
	}
	metadata, err := json.Marshal(map[string][]byte{exptypes.ExporterImageConfigKey: config})
	if err != nil {
		return err
	}
	r.Inputs[name] = definition
	r.Attrs["context:"+name] = "input:" + name
	r.Attrs["input-metadata:"+name] = string(metadata)
	return nil
}

// marshalDefinition is the graph of a reference; nil of an image without files.
func marshalDefinition(ctx context.Context, ref gateway.Reference) (*pb.Definition, error) {
	if ref == nil {
		return nil, nil
	}
	state, err := ref.ToState()
	if err != nil {
		return nil, err
	}
	marshalled, err := state.Marshal(ctx)
	if err != nil {
		return nil, err
	}
	return marshalled.ToPB(), nil
}
