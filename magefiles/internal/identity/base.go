package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

// onBuildStep is in the name that BuildKit's Dockerfile frontend gives what an ONBUILD instruction has it run.
const onBuildStep = "] ONBUILD "

// OnBuildGrants returns the steps of ONBUILD instructions that can use the build's secrets or SSH keys: the build runs them
// although its Dockerfile does not say so. They are found in the graph that will be run, and not in the configuration of base
// images: an instruction can be spelt in many ways, and a base image without files is in no graph.
func OnBuildGrants(ctx context.Context, result *Result) ([]string, error) {
	var found []string
	for _, ref := range platformReferences(result) {
		definition, err := marshalDefinition(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("reading what BuildKit makes of the Dockerfile: %w", err)
		}
		for _, data := range definition.GetDef() {
			op := &pb.Op{}
			if err := op.UnmarshalVT(data); err != nil {
				return nil, fmt.Errorf("reading a build graph: %w", err)
			}
			name := definition.Metadata[string(digest.FromBytes(data))].GetDescription()["llb.customname"]
			if strings.Contains(name, onBuildStep) && isGranted(op) {
				found = append(found, name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// isGranted reports whether an operation gets secrets or keys: a step that mounts them, and what is fetched by git or HTTP, for
// which BuildKit asks for the secrets of certain names.
func isGranted(op *pb.Op) bool {
	scheme, _, _ := strings.Cut(op.GetSource().GetIdentifier(), "://")
	if slices.Contains([]string{"git", "http", "https"}, scheme) {
		return true
	}
	return len(op.GetExec().GetSecretenv()) > 0 || slices.ContainsFunc(op.GetExec().GetMounts(), func(m *pb.Mount) bool {
		return m.MountType == pb.MountType_SECRET || m.MountType == pb.MountType_SSH
	})
}

// platformReferences are those of a result, one for each platform.
func platformReferences(result *Result) []gateway.Reference {
	refs := []gateway.Reference{result.Ref}
	for _, ref := range result.Refs {
		refs = append(refs, ref)
	}
	return refs
}
