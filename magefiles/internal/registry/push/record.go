package push

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Record is a tag on a copy of an image's manifest or index that has further annotations: the same image, found by what was learned
// of it after it was built.
type Record struct {
	Tag         string
	Annotations map[string]string
}

// recordAll puts the records of each missing tag, before the tags: a run that is killed in between has left no tag of which nothing
// is known. A failure is a notice: a later run then does not know by it that the tag is right.
func (p *operation) recordAll(ctx context.Context) error {
	return p.forEach(ctx, p.missingTargets(), "recording", func(ctx context.Context, t *target) error {
		for _, record := range t.Records {
			err := p.putRecord(ctx, t, record)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				p.addNotice(t, fmt.Sprintf("the tag %s was not put, by which later runs know this image: %v",
					record.Tag, p.explainer.Explain(ctx, "tagging", t.Ref, err)))
			}
		}
		return nil
	})
}

// putRecord puts one. A tag that cannot move stays.
func (p *operation) putRecord(ctx context.Context, t *target, record Record) error {
	content, err := withAnnotations(t.Manifest, record.Annotations)
	if err != nil {
		return fmt.Errorf("annotating %s: %w", t.Descriptor.Digest, err)
	}
	r := t.Ref.Tagged(record.Tag)
	desc := ocispec.Descriptor{MediaType: t.Descriptor.MediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
	if err = p.client.PutManifest(ctx, r, desc, content); err == nil || ctx.Err() != nil {
		return err
	}
	if _, missing := p.client.Resolve(ctx, r); missing == nil {
		return nil
	}
	return err
}

// withAnnotations leaves all of a manifest as it is but its annotations.
func withAnnotations(manifest []byte, annotations map[string]string) ([]byte, error) {
	var document map[string]json.RawMessage
	if err := json.Unmarshal(manifest, &document); err != nil {
		return nil, err
	}
	all := map[string]string{}
	if before, ok := document["annotations"]; ok {
		if err := json.Unmarshal(before, &all); err != nil {
			return nil, err
		}
	}
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, annotations)
	encoded, err := json.Marshal(all)
	if err != nil {
		return nil, err
	}
	document["annotations"] = encoded
	return json.Marshal(document)
}
