package identity

import (
	"context"
	"errors"

	"github.com/moby/buildkit/client/llb"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// localReference is a build graph in this process. Files can be read of it where it is one local directory.
type localReference struct {
	process    *localGateway
	definition *pb.Definition
}

// ToState implements gateway.Reference.
func (r *localReference) ToState() (llb.State, error) {
	op, err := llb.NewDefinitionOp(r.definition)
	return llb.NewState(op), err
}

// Evaluate implements gateway.Reference. Nothing is evaluated before it is read.
func (r *localReference) Evaluate(context.Context) error { return nil }

// ReadFile implements gateway.Reference.
func (r *localReference) ReadFile(ctx context.Context, request gateway.ReadRequest) ([]byte, error) {
	source, err := r.localSource()
	if err != nil {
		return nil, err
	}
	dir, err := canonicalForm{directory: localDirectory}.sourceDir(source)
	if err != nil {
		return nil, err
	}
	content, err := r.process.files.Read(ctx, dir, request.Filename)
	if err != nil || request.Range == nil {
		return content, err
	}
	content = content[min(len(content), request.Range.Offset):]
	return content[:min(len(content), request.Range.Length)], nil
}

// errNoStat is answered where the frontend reads the file next and takes that answer.
var errNoStat = errors.New("files of a build context are not described here")

// StatFile implements gateway.Reference.
func (r *localReference) StatFile(context.Context, gateway.StatRequest) (*fstypes.Stat, error) {
	return nil, errNoStat
}

// ReadDir implements gateway.Reference; only subrequests ask.
func (r *localReference) ReadDir(context.Context, gateway.ReadDirRequest) ([]*fstypes.Stat, error) {
	return nil, errNoStat
}

// localSource is the local source which the graph consists of.
func (r *localReference) localSource() (*pb.SourceOp, error) {
	var source *pb.SourceOp
	for _, data := range r.definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(data); err != nil {
			return nil, err
		}
		switch kind := op.Op.(type) {
		case nil: // the end of the graph
		case *pb.Op_Source:
			if source != nil {
				return nil, unknownKey("files are read of several sources while its Dockerfile is read")
			}
			source = kind.Source
		default:
			return nil, unknownKey("files of a step are read while its Dockerfile is read")
		}
	}
	if source == nil {
		return nil, unknownKey("files of nothing are read while its Dockerfile is read")
	}
	return source, nil
}
