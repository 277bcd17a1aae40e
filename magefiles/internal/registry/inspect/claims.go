package inspect

import (
	"cmp"
	"encoding/json"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/answer"
)

// maxPlatforms bounds how many platforms of an index are looked at.
const maxPlatforms = 64

// manifestDocument is a manifest or an index, as far as it says where an image comes from.
type manifestDocument struct {
	Annotations map[string]string    `json:"annotations"`
	Config      ocispec.Descriptor   `json:"config"`
	Manifests   []ocispec.Descriptor `json:"manifests"`
}

func decodeDocument(manifest []byte) (manifestDocument, error) {
	var r manifestDocument
	if err := json.Unmarshal(manifest, &r); err != nil {
		return manifestDocument{}, fmt.Errorf("reading the manifest: %w", err)
	}
	return r, nil
}

func (r manifestDocument) isIndex() bool { return len(r.Manifests) > 0 || r.Config.Digest == "" }

// imageClaims are the annotations and labels of an image's parts.
type imageClaims struct {
	root      map[string]string // annotations of its manifest or index
	platforms []platformClaims
	unread    bool // there are more
}

// platformClaims are the annotations and labels of the image for one platform.
type platformClaims struct{ annotations, labels map[string]string }

// mergedOrigin holds the parts against each other. What annotations say, the label of every configuration has to say, too: a label
// without an annotation may be one of the base image.
func (c imageClaims) mergedOrigin() Origin {
	o := Origin{
		Revision:   commitid.ID(c.rootAnnotation(ocispec.AnnotationRevision)),
		Key:        c.rootAnnotation(plan.KeyAnnotation),
		PrepareKey: c.rootAnnotation(plan.PrepareKeyAnnotation),
		Recorded:   c.root[plan.RecordAnnotation],
	}
	o.Conflict = cmp.Or(c.conflictText(ocispec.AnnotationRevision, string(o.Revision)), c.conflictText(plan.KeyAnnotation, o.Key),
		c.conflictText(plan.PrepareKeyAnnotation, o.PrepareKey))
	if o.Revision == "" && len(c.platforms) > 0 {
		o.Revision = commitid.ID(c.platforms[0].labels[ocispec.AnnotationRevision])
		o.Conflict = cmp.Or(o.Conflict, c.conflictText(ocispec.AnnotationRevision, string(o.Revision)))
	}
	if c.unread {
		o.Conflict = fmt.Sprintf("its index names more than %d manifests", maxPlatforms)
	}
	return o
}

// rootAnnotation is that of the root, or else of the first platform.
func (c imageClaims) rootAnnotation(name string) string {
	value := c.root[name]
	if value == "" && len(c.platforms) > 0 {
		value = c.platforms[0].annotations[name]
	}
	return value
}

// conflictText describes the first part that says something other than the value; "" where none does.
func (c imageClaims) conflictText(name, value string) string {
	if value == "" {
		return ""
	}
	if len(c.platforms) == 0 {
		return name + " is " + answer.Printable(value, 64) + " of no platform"
	}
	for _, platform := range c.platforms {
		switch other := platform.labels[name]; other {
		case value:
		case "":
			return fmt.Sprintf("%s is %s, and the label of a configuration does not say so", name, answer.Printable(value, 64))
		default:
			return fmt.Sprintf("%s is %s, and by the label of a configuration %s", name, answer.Printable(value, 64),
				answer.Printable(other, 64))
		}
	}
	return ""
}
