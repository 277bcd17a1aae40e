package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	distribution "github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

const imageScheme = "docker-image://"

// reduceSource replaces a source by what it gives: files by their digest, an image by its digest, an address by its content.
func (g *graphReducer) reduceSource(ctx context.Context, s *pb.SourceOp, taken []string, entry *Op) error {
	scheme, name, _ := strings.Cut(s.Identifier, "://")
	switch scheme {
	case "local":
		entry.Kind = KindFiles
		snapshot, err := g.readSnapshot(ctx, s, taken)
		if err != nil {
			return err
		}
		entry.snapshot = snapshot
		s.Identifier, s.Attrs = "files://"+snapshot.Digest().String(), nil
	case "docker-image":
		entry.Kind, entry.Source = KindImage, name
		return reduceImage(s, name)
	case "http", "https", "git":
		entry.Kind, entry.Source = KindRemote, s.Identifier
		return g.remoteSource(ctx, s)
	default:
		return unknownKey("its build graph has the source %s, which this version does not know", s.Identifier)
	}
	return nil
}

// transportAttrs are the attributes of a local source that say how its files travel.
var transportAttrs = []string{
	pb.AttrLocalSessionID, pb.AttrLocalUniqueID, pb.AttrSharedKeyHint, pb.AttrLocalDiffer,
	pb.AttrMetadataTransfer, pb.AttrMetadataTransferExclude,
}

// readSnapshot reads what a local source sends, as far as it is taken: nil is everything.
func (c canonicalForm) readSnapshot(ctx context.Context, s *pb.SourceOp, taken []string) (*worktree.Snapshot, error) {
	dir, err := c.sourceDir(s)
	if err != nil {
		return nil, err
	}
	var filter worktree.Filter
	for name, value := range s.Attrs {
		var into *[]string
		switch name {
		case pb.AttrIncludePatterns:
			into = &filter.Include
		case pb.AttrExcludePatterns:
			into = &filter.Exclude
		case pb.AttrFollowPaths:
			into = &filter.Follow
		default:
			if !slices.Contains(transportAttrs, name) {
				return nil, unknownKey("its build context is sent with %s, which this version does not know", name)
			}
			continue
		}
		if err := json.Unmarshal([]byte(value), into); err != nil {
			return nil, fmt.Errorf("reading the filter of a build context: %w", err)
		}
	}
	if filter.Follow == nil && filter.Include == nil {
		if filter.Include, err = c.reachablePatterns(dir, taken); err != nil {
			return nil, err
		}
	}
	return c.files.Snapshot(ctx, dir, filter)
}

// reachablePatterns returns patterns of what paths of a directory lead to; nil: everything.
func (c canonicalForm) reachablePatterns(dir string, taken []string) ([]string, error) {
	if taken == nil {
		return nil, nil
	}
	patterns, err := c.files.Reach(dir, taken)
	if err != nil {
		return nil, fmt.Errorf("reading a build context: %w", err)
	}
	return patterns, nil
}

// sourceDir is the directory of a local source.
func (c canonicalForm) sourceDir(s *pb.SourceOp) (string, error) {
	name := strings.TrimPrefix(s.Identifier, "local://")
	dir, ok := c.directory(s.Attrs[pb.AttrLocalSessionID], name)
	if !ok {
		return "", unknownKey("its build graph has the directory %q, which is none of its contexts", name)
	}
	return dir, nil
}

// reduceImage reduces an image to its digest, under whatever name it is found.
func reduceImage(s *pb.SourceOp, name string) error {
	named, err := distribution.ParseNormalizedNamed(name)
	if err != nil {
		return fmt.Errorf("reading a build graph: %w", err)
	}
	digested, ok := named.(distribution.Digested)
	if !ok {
		return unknownKey("which image %s is now is not known", distribution.FamiliarString(named))
	}
	for name := range s.Attrs {
		switch name {
		case pb.AttrImageResolveMode, pb.AttrImageRecordType, pb.AttrImageChecksum, pb.AttrImageLayerLimit:
		default:
			return unknownKey("an image is taken with %s, which this version does not know", name)
		}
	}
	s.Attrs = maps.Clone(s.Attrs)
	delete(s.Attrs, pb.AttrImageResolveMode)
	delete(s.Attrs, pb.AttrImageRecordType)
	s.Identifier = imageScheme + digested.Digest().String()
	return nil
}

// pinnedCommit finds a reference that never moves behind the address of a git source, before a directory: ADDRESS#COMMIT:DIRECTORY.
// commitid.Parse takes an id alone.
var pinnedCommit = regexp.MustCompile(`#[0-9a-f]{40}([0-9a-f]{24})?(:|$)`)

// remoteSource counts what an address gives, not only its name, unless the name says it already.
func (g *graphReducer) remoteSource(ctx context.Context, s *pb.SourceOp) error {
	if s.Attrs[pb.AttrHTTPChecksum] != "" || s.Attrs[pb.AttrGitChecksum] != "" || pinnedCommit.MatchString(s.Identifier) {
		return nil
	}
	if g.remote == nil {
		return remoteSource(s)
	}
	content, err := g.remote(ctx, s)
	if err != nil {
		return unknownKey("asking what %s is now: %s", s.Identifier, errorFirstLine(err))
	}
	s.Attrs = maps.Clone(s.Attrs)
	if s.Attrs == nil {
		s.Attrs = map[string]string{}
	}
	s.Attrs["content"] = content
	return nil
}

// remoteSource returns the reason why an address that is not pinned has no key without a daemon, which fetches it.
func remoteSource(s *pb.SourceOp) error {
	return &unknownError{daemon: true, reason: fmt.Sprintf("it takes files from %s, which may have changed", s.Identifier)}
}

// askDaemon asks a daemon for a source's current content. The daemon builds from the content that it names: it fetches a source once in a
// build.
func askDaemon(client gateway.Client) func(context.Context, *pb.SourceOp) (string, error) {
	return func(ctx context.Context, op *pb.SourceOp) (string, error) {
		meta, err := client.ResolveSourceMetadata(ctx, op.CloneVT(), sourceresolver.Opt{})
		switch {
		case err != nil:
			return "", err
		case meta.HTTP != nil && meta.HTTP.Digest != "":
			return meta.HTTP.Digest.String(), nil
		case meta.Git != nil && meta.Git.Checksum != "":
			return meta.Git.Checksum, nil
		}
		return "", unknownKey("the daemon does not say")
	}
}
