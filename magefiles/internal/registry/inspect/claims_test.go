package inspect

import (
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

func saying(revision, key, prepareKey string) map[string]string {
	return map[string]string{ocispec.AnnotationRevision: revision, plan.KeyAnnotation: key, plan.PrepareKeyAnnotation: prepareKey}
}

// TestOriginIsReadWhereItIsSaid holds what is returned, and which part contradicts; package registry plants the same over HTTP.
func TestOriginIsReadWhereItIsSaid(t *testing.T) {
	agreeing := platformClaims{labels: saying("a1", "k1", "p1")}
	for name, test := range map[string]struct {
		claims   imageClaims
		want     Origin
		conflict string
	}{
		"the root": {imageClaims{root: saying("a1", "k1", "p1"), platforms: []platformClaims{agreeing}}, Origin{Revision: "a1", Key: "k1", PrepareKey: "p1"}, ""},
		"the first platform": {
			imageClaims{platforms: []platformClaims{{annotations: saying("a1", "k1", ""), labels: saying("a1", "k1", "p0")}, agreeing}},
			Origin{Revision: "a1", Key: "k1"},
			"",
		},
		"the label of every platform": {imageClaims{platforms: []platformClaims{agreeing, agreeing}}, Origin{Revision: "a1"}, ""},
		"labels of two commits": {
			imageClaims{platforms: []platformClaims{agreeing, {labels: saying("b2", "", "")}}},
			Origin{Revision: "a1"},
			ocispec.AnnotationRevision + " is a1, and by the label of a configuration b2",
		},
		"a record alone": {
			imageClaims{root: map[string]string{plan.RecordAnnotation: "r1"}, platforms: []platformClaims{{}}}, Origin{Recorded: "r1"}, "",
		},
		"another prepare key": {
			imageClaims{root: saying("a1", "k1", "p2"), platforms: []platformClaims{agreeing}},
			Origin{Revision: "a1", Key: "k1", PrepareKey: "p2"},
			plan.PrepareKeyAnnotation + " is p2, and by the label of a configuration p1",
		},
		"more than is read": {
			imageClaims{root: saying("a1", "k1", "p1"), platforms: []platformClaims{agreeing}, unread: true},
			Origin{Revision: "a1", Key: "k1", PrepareKey: "p1"},
			"its index names more than 64 manifests",
		},
		"no platform": {imageClaims{root: saying("a\n1", "", "")}, Origin{Revision: "a\n1"}, ocispec.AnnotationRevision + " is a 1 of no platform"},
		"nothing":     {imageClaims{}, Origin{}, ""},
	} {
		got := test.claims.mergedOrigin()
		conflict := got.Conflict
		got.Conflict = ""
		if got != test.want || conflict != test.conflict {
			t.Errorf("%s: %+v %q, want %+v %q", name, got, conflict, test.want, test.conflict)
		}
	}
}

// TestConflictIsShort, as whoever pushes an image writes what is in it.
func TestConflictIsShort(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	c := imageClaims{root: saying(long, "", ""), platforms: []platformClaims{{labels: saying(long+"y", "", "")}}}
	if got := c.mergedOrigin().Conflict; got == "" || len(got) > 300 {
		t.Errorf("%d bytes: %.100s", len(got), got)
	}
}

func TestIndexIsToldFromAManifest(t *testing.T) {
	for document, index := range map[string]bool{
		`{"config":{"digest":"` + string(digest.FromString("c")) + `"}}`: false, `{"manifests":[{}]}`: true, `{}`: true,
		`{"config":{"digest":"` + string(digest.FromString("c")) + `"},"manifests":[{}]}`: true,
	} {
		if got, err := decodeDocument([]byte(document)); err != nil || got.isIndex() != index {
			t.Errorf("%s is an index: %v, %v", document, got.isIndex(), err)
		}
	}
	if _, err := decodeDocument([]byte("<html>")); err == nil {
		t.Error("a page is a manifest")
	}
}

func TestAttestationIsForNoPlatform(t *testing.T) {
	unknown, linux := &ocispec.Platform{OS: "unknown", Architecture: "unknown"}, &ocispec.Platform{OS: "linux"}
	for _, test := range []struct {
		desc ocispec.Descriptor
		want bool
	}{
		{ocispec.Descriptor{Platform: unknown}, true},
		{ocispec.Descriptor{Platform: linux, Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"}}, false},
		{ocispec.Descriptor{}, false},
	} {
		if got := isAttestation(test.desc); got != test.want {
			t.Errorf("%+v: %v", test.desc, got)
		}
	}
}
