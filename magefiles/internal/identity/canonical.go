package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// canonicalForm brings build graphs into a form that is equal for equal images: a Merkle tree over the operations from the last
// one up, without what differs between runs, machines and daemons.
type canonicalForm struct {
	files     *worktree.Tree
	directory func(session, name string) (dir string, known bool) // of a local source
	// remote returns the content of an address or a git reference; nil where nothing can be asked.
	remote func(ctx context.Context, op *pb.SourceOp) (string, error)
}

// canonicalOps returns the operations of a definition in order, the last one being the root.
func (c canonicalForm) canonicalOps(ctx context.Context, definition *pb.Definition) ([]Op, error) {
	g := graphReducer{canonicalForm: c, definition: definition, raw: map[digest.Digest]*pb.Op{}, seen: map[digest.Digest]digest.Digest{}}
	var last digest.Digest
	for _, data := range definition.Def {
		op := &pb.Op{}
		if err := op.UnmarshalVT(data); err != nil {
			return nil, fmt.Errorf("reading a build graph: %w", err)
		}
		last = digest.FromBytes(data)
		g.raw[last] = op
	}
	g.taken = takenPaths(g.raw)
	_, err := g.reduceOp(ctx, last)
	return g.ops, err
}

// graphReducer is one definition on its way into the canonical form.
type graphReducer struct {
	canonicalForm
	definition *pb.Definition
	raw        map[digest.Digest]*pb.Op
	taken      map[digest.Digest][]string      // paths of sources
	seen       map[digest.Digest]digest.Digest // canonical digests
	ops        []Op
}

func (g *graphReducer) reduceOp(ctx context.Context, id digest.Digest) (digest.Digest, error) {
	if known, ok := g.seen[id]; ok {
		return known, nil
	}
	op := g.raw[id]
	if op == nil {
		return "", unknownKey("its build graph has an operation that is not there")
	}
	if !hasKnownFields(op) {
		return "", unknownKey("its build graph has something that this version does not know")
	}
	entry := Op{Name: g.opName(id)}
	for _, input := range op.Inputs {
		digest, err := g.reduceOp(ctx, digest.Digest(input.Digest))
		if err != nil {
			return "", err
		}
		entry.Inputs = append(entry.Inputs, slices.IndexFunc(g.ops, func(o Op) bool { return o.Digest == digest }))
		input.Digest = digest.String()
	}
	entry.Takes = selectedPaths(op)
	if err := g.reduceKind(ctx, id, &entry); err != nil {
		return "", err
	}
	data, err := json.Marshal(op) // maps sorted by their keys, which protobuf's own form does not promise
	if err != nil {
		return "", fmt.Errorf("encoding a build graph: %w", err)
	}
	entry.Digest = digest.FromBytes(data)
	if entry.Self, err = withoutInputs(op); err != nil {
		return "", err
	}
	g.seen[id] = entry.Digest
	if !slices.ContainsFunc(g.ops, func(o Op) bool { return o.Digest == entry.Digest }) {
		g.ops = append(g.ops, entry)
	}
	return entry.Digest, nil
}

// reduceKind takes out of an operation what does not make another image, and fills in what the tree tells of it. It is a list of
// what is understood: operations of another kind have no key.
func (g *graphReducer) reduceKind(ctx context.Context, id digest.Digest, entry *Op) error {
	switch kind := g.raw[id].Op.(type) {
	case nil:
		entry.Kind = KindEnd
	case *pb.Op_Source:
		return g.reduceSource(ctx, kind.Source, g.taken[id], entry)
	case *pb.Op_Exec:
		entry.Kind = KindExec
		if kind.Exec.Meta != nil {
			kind.Exec.Meta.ProxyEnv, kind.Exec.Meta.CgroupParent = nil, ""
		}
		for _, mount := range kind.Exec.Mounts {
			if cache := mount.GetCacheOpt(); cache != nil {
				cache.ID = withoutNamespace(cache.ID)
			}
		}
		entry.fillEnvironment(kind.Exec)
	case *pb.Op_File:
		entry.Kind = KindFile
	case *pb.Op_Merge:
		entry.Kind = KindMerge
	case *pb.Op_Diff:
		entry.Kind = KindDiff
	default:
		return unknownKey("its build graph has a %T, which this version does not know", kind)
	}
	return nil
}

// withoutNamespace returns the id of a cache mount without BUILDKIT_CACHE_MOUNT_NS, which stands before the first slash: whose
// cache a step sees is no part of what an image is made of.
func withoutNamespace(id string) string {
	if at := strings.IndexByte(id, '/'); at >= 0 {
		return id[at:]
	}
	return id
}

// opName is the operation's name in the build's progress.
func (g *graphReducer) opName(id digest.Digest) string {
	return g.definition.Metadata[id.String()].GetDescription()["llb.customname"]
}

// withoutInputs is the digest of what an operation does, whatever it does it to.
func withoutInputs(op *pb.Op) (digest.Digest, error) {
	inputs := op.Inputs
	defer func() { op.Inputs = inputs }()
	op.Inputs = nil
	data, err := json.Marshal(op)
	return digest.FromBytes(data), err
}

// hasKnownFields reports whether a message has only fields that this version of the protocol has: others would be lost.
func hasKnownFields(message interface{ ProtoReflect() protoreflect.Message }) bool {
	return knownFields(message.ProtoReflect())
}

func knownFields(m protoreflect.Message) bool {
	known := len(m.GetUnknown()) == 0
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if field.Message() == nil || !known {
			return known
		}
		switch {
		case field.IsMap():
			if field.MapValue().Message() != nil {
				value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
					known = known && knownFields(v.Message())
					return known
				})
			}
		case field.IsList():
			for i := range value.List().Len() {
				known = known && knownFields(value.List().Get(i).Message())
			}
		default:
			known = knownFields(value.Message())
		}
		return known
	})
	return known
}
