package registry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/containerd/containerd/v2/core/images"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/proxy"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// way is one from a registry to another, or to itself, with a proxy before each.
type way struct {
	*library

	from, to *proxy.Proxy
}

func (w way) keychain() *auth.Keychain {
	token := auth.Token{Hosts: []string{w.from.Addr(), w.to.Addr()}, User: user, Secret: password, Name: "TOKEN"}
	return auth.NewKeychain(w.t.TempDir(), token)
}

func (w way) client() *registry.Client {
	return registry.New(registry.Options{Keychain: w.keychain(), Push: true, Sleep: noSleep})
}

// both counts and strikes at whatever passes either proxy.
func (w way) both(fault testkit.Fault) {
	w.from.Inject(fault)
	if w.to != w.from {
		w.to.Inject(fault)
	}
}

func (w way) heal() {
	w.from.Heal()
	w.to.Heal()
}

// release is an image with all that may be attached to it.
type release struct {
	root      ocispec.Descriptor
	signature ocispec.Descriptor // under cosign's tag
	referrer  ocispec.Descriptor // which names the image as its subject
	second    ocispec.Descriptor // which names the signature
}

// publish puts an image for one platform with its attestation, as BuildKit makes it, signed in both ways.
func (w way) publish(repository imageref.Repository) release {
	w.t.Helper()
	image := w.image("a1", w.layer("app", 3000))
	attestation := w.attachment("application/vnd.in-toto+json", "provenance", nil)
	attestation.Platform = &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	r := release{root: w.index(image, attestation), signature: w.attachment("application/vnd.dev.cosign.simplesigning.v1+json", "signature", nil)}
	r.referrer = w.attachment("application/vnd.dev.sigstore.bundle.v0.3+json", "bundle", &r.root)
	r.second = w.attachment("application/vnd.dev.sigstore.bundle.v0.3+json", "more", &r.signature)
	client := w.client()
	list := []push.Image{
		{Ref: repository.Tagged("stage"), Descriptor: r.root, Revision: "a1"},
		{Ref: repository.Tagged(protocol.ReferrersTag(r.root.Digest) + ".sig"), Descriptor: r.signature},
		{Ref: repository.Tagged("referrer"), Descriptor: r.referrer},
		{Ref: repository.Tagged("second"), Descriptor: r.second},
	}
	// A registry that keeps no list of referrers has one under a tag.
	for subject, referrer := range map[digest.Digest]ocispec.Descriptor{r.root.Digest: r.referrer, r.signature.Digest: r.second} {
		list = append(list, push.Image{Ref: repository.Tagged(protocol.ReferrersTag(subject)), Descriptor: w.index(referrer)})
	}
	if _, err := client.Push(w.t.Context(), w.store, list, nil); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// attachment is an artifact of one layer.
func (l *library) attachment(kind, text string, subject *ocispec.Descriptor) ocispec.Descriptor {
	l.t.Helper()
	return l.putJSON(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, ArtifactType: kind, Subject: subject,
		Config: l.put(ocispec.MediaTypeImageConfig, []byte(`{"of":"`+text+`"}`)), Layers: []ocispec.Descriptor{l.put(kind, []byte(text))},
	})
}

// copyOf is the promotion of a release to a repository.
func (r release) copyOf(from, to imageref.Repository) []push.Copy {
	return []push.Copy{{Image: push.Image{Ref: to.Tagged("prod"), Descriptor: r.root, Revision: "a1"}, From: from}}
}

// whole reports what a repository lacks of a release; nothing where all is there, under the tag and attached to it.
func (w way) whole(r release, repository imageref.Repository) error {
	client := w.client()
	found, err := client.Resolve(context.WithoutCancel(w.t.Context()), repository.Tagged("prod"))
	if err != nil || found.Digest != r.root.Digest {
		return fmt.Errorf("the tag names %s: %w", found.Digest, err)
	}
	for _, desc := range []ocispec.Descriptor{r.root, r.signature, r.referrer, r.second} {
		if err := w.readable(client, repository, desc); err != nil {
			return err
		}
	}
	signed, err := client.Resolve(w.t.Context(), repository.Tagged(protocol.ReferrersTag(r.root.Digest)+".sig"))
	if err != nil || signed.Digest != r.signature.Digest {
		return fmt.Errorf("the signature's tag names %s: %w", signed.Digest, err)
	}
	raw := protocol.New(protocol.Options{Keychain: w.keychain(), Sleep: noSleep})
	for subject, want := range map[digest.Digest]digest.Digest{r.root.Digest: r.referrer.Digest, r.signature.Digest: r.second.Digest} {
		list, listed, err := raw.Referrers(w.t.Context(), repository.At(subject))
		if err == nil && !listed {
			list, err = protocol.ReferrersIndex(w.t.Context(), raw, repository.At(subject))
		}
		if err != nil || !slices.ContainsFunc(list, func(d ocispec.Descriptor) bool { return d.Digest == want }) {
			return fmt.Errorf("the referrers of %s are %v: %w", subject, list, err)
		}
	}
	return nil
}

// readable reads a manifest and all below it.
func (w way) readable(client *registry.Client, repository imageref.Repository, desc ocispec.Descriptor) error {
	if _, err := client.Content(w.t.Context(), repository, desc); err != nil {
		return err
	}
	children, err := images.Children(w.t.Context(), w.store, desc)
	for _, child := range children {
		err = errors.Join(err, w.readable(client, repository, child))
	}
	return err
}

// stopAt kills a run at a request: it is handled or not, in turns, and none after it is.
func stopAt(at int64, cancel func()) (fault testkit.Fault, struck *atomic.Bool) {
	var count atomic.Int64
	struck = &atomic.Bool{}
	return func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		n := count.Add(1)
		if n < at {
			return false
		}
		struck.Store(true)
		cancel()
		if n == at && at%2 == 0 {
			return false
		}
		return testkit.Cut(0)(w, r, request)
	}, struck
}

// TestCopiesBetweenEveryTwoRegistries stops a promotion between each two registries at each of its requests: a tag that is there by then
// names a whole image with all that is attached to it, and the same promotion made again ends so.
func TestCopiesBetweenEveryTwoRegistries(t *testing.T) {
	for i, source := range backends {
		for j, sink := range backends {
			t.Run(source.name+" to "+sink.name, func(t *testing.T) {
				t.Parallel()
				w := newWay(t, i, j)
				from := refs.Repository(w.from.Addr() + "/acme/stage")
				r := w.publish(from)
				// The ways share the requests: each second one is one that some way was stopped at.
				for at := int64(1 + len(backends)*i + j); ; at += int64(2 * len(backends) * len(backends)) {
					to := refs.Repository(fmt.Sprintf("%s/acme/prod%d", w.to.Addr(), at))
					if !w.cutAndGoOn(t, at, r, from, to) {
						break
					}
				}
			})
		}
	}
}

// cutAndGoOn reports whether the copy came to the request.
func (w way) cutAndGoOn(t *testing.T, at int64, r release, from, to imageref.Repository) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fault, struck := stopAt(at, cancel)
	w.both(fault)
	_, cut := w.client().Copy(ctx, r.copyOf(from, to), nil)
	w.heal()
	if !struck.Load() && cut != nil {
		t.Fatal(cut)
	}
	if _, err := w.client().Resolve(t.Context(), to.Tagged("prod")); err == nil {
		if err := w.whole(r, to); err != nil {
			t.Fatalf("stopped at request %d, the tag names what is not whole: %v", at, err)
		}
	}
	pushed, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil)
	if err != nil {
		t.Fatalf("going on behind request %d: %v", at, err)
	}
	if len(pushed[0].Notices) > 0 {
		t.Errorf("notices %q", pushed[0].Notices)
	}
	if err := w.whole(r, to); err != nil {
		t.Fatalf("going on behind request %d: %v", at, err)
	}
	return struck.Load()
}

func newWay(t *testing.T, i, j int) way {
	t.Helper()
	open := func(at int) backend {
		server, err := backends[at].start(t)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Close(); err != nil {
				t.Error(err)
			}
		})
		return server
	}
	w := way{library: newLibrary(t), from: before(t, open(i))}
	if w.to = w.from; i != j {
		w.to = before(t, open(j))
	}
	return w
}

// TestCopyOutlastsLostAnswers has an answer be lost at each request of a promotion: it is made again by itself.
func TestCopyOutlastsLostAnswers(t *testing.T) {
	w := newWay(t, 0, 1)
	from := refs.Repository(w.from.Addr() + "/acme/stage")
	r := w.publish(from)
	for at := int64(1); ; at += 7 {
		var struck atomic.Bool
		lose := func(p *proxy.Proxy, count *atomic.Int64) testkit.Fault {
			return func(rw http.ResponseWriter, q *http.Request, request testkit.Request) bool {
				if count.Add(1) != at {
					return false
				}
				struck.Store(true)
				return p.LoseAnswer()(rw, q, request)
			}
		}
		var count atomic.Int64
		w.from.Inject(lose(w.from, &count))
		w.to.Inject(lose(w.to, &count))
		to := refs.Repository(fmt.Sprintf("%s/acme/prod%d", w.to.Addr(), at))
		if _, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil); err != nil {
			t.Errorf("request %d: %v", at, err)
		}
		w.heal()
		if err := w.whole(r, to); err != nil {
			t.Errorf("request %d: %v", at, err)
		}
		if !struck.Load() {
			return
		}
	}
}

// TestCopyMounts within a registry, so that no blob passes here, and sends nothing twice between two.
func TestCopyMounts(t *testing.T) {
	for name, j := range map[string]int{"one registry": 0, "two": 1} {
		w := newWay(t, 0, j)
		from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
		r := w.publish(from)
		w.from.ResetRequests()
		pushed, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil)
		if err != nil {
			t.Fatal(err)
		}
		read := w.from.Count(http.MethodGet, testkit.Blob)
		if mounted := pushed[0].Uploaded < 4000; mounted != (j == 0) || (read == 0) != mounted {
			t.Errorf("%s: %d bytes sent, %d blobs read", name, pushed[0].Uploaded, read)
		}
		w.from.ResetRequests()
		again, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil)
		if err != nil || !again[0].Existed || again[0].Uploaded != 0 || w.from.Count(http.MethodGet, testkit.Blob) != 0 {
			t.Errorf("%s again: %+v, %v", name, again, err)
		}
	}
}

// TestCopyStreams a layer that is larger than all that is kept of a registry's answers.
func TestCopyStreams(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	root := w.image("a1", w.layer("large", 12<<20))
	if _, err := w.client().Push(t.Context(), w.store, []push.Image{{Ref: from.Tagged("stage"), Descriptor: root}}, nil); err != nil {
		t.Fatal(err)
	}
	w.from.Inject(testkit.On(http.MethodGet, testkit.Blob, testkit.Nth(1, testkit.Answer(http.StatusBadGateway, nil, "", ""))))
	var last push.Progress
	pushed, err := w.client().Copy(t.Context(), []push.Copy{{Image: push.Image{Ref: to.Tagged("prod"), Descriptor: root}, From: from}}, func(p push.Progress) { last = p })
	if err != nil || pushed[0].Uploaded < 12<<20 || last.Sent != last.Total {
		t.Errorf("%+v, %+v, %v", pushed, last, err)
	}
	wantPulled(t, []push.Image{{Ref: to.Tagged("prod"), Descriptor: root}})
}

// TestCopyIsAllOrNone: a tag that is taken, or an image that is missing, stops it before anything is sent.
func TestCopyIsAllOrNone(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	r := w.publish(from)
	other := w.image("b2", w.layer("other", 10))
	taken := push.Image{Ref: to.Tagged("taken"), Descriptor: other}
	if _, err := w.client().Push(t.Context(), w.store, []push.Image{taken}, nil); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		second push.Image
		want   func(error) bool
	}{
		"taken": {push.Image{Ref: taken.Ref, Descriptor: r.root}, func(err error) bool { return problem.As(err) != nil && problem.As(err).ExitStatus() == problem.Refused }},
		"missing": {push.Image{Ref: to.Tagged("new"), Descriptor: other}, func(err error) bool {
			return errors.Is(err, registry.ErrNotFound) && strings.Contains(err.Error(), from.String())
		}},
	} {
		w.to.ResetRequests()
		_, err := w.client().Copy(t.Context(), append(r.copyOf(from, to), push.Copy{Image: test.second, From: from}), nil)
		if !test.want(err) {
			t.Errorf("%s: %v", name, err)
		}
		if puts := w.to.Count(http.MethodPut, ""); puts > 0 {
			t.Errorf("%s: %d PUTs", name, puts)
		}
	}
}

// TestCopyKeepsOtherSignatures has a signature under the image's tag where it is copied to: it stays, and that is said.
func TestCopyKeepsOtherSignatures(t *testing.T) {
	w := newWay(t, 0, 1)
	from, to := refs.Repository(w.from.Addr()+"/acme/stage"), refs.Repository(w.to.Addr()+"/acme/prod")
	r := w.publish(from)
	theirs := push.Image{Ref: to.Tagged(protocol.ReferrersTag(r.root.Digest) + ".sig"), Descriptor: w.attachment("x/y", "theirs", nil)}
	if _, err := w.client().Push(t.Context(), w.store, []push.Image{theirs}, nil); err != nil {
		t.Fatal(err)
	}
	pushed, err := w.client().Copy(t.Context(), r.copyOf(from, to), nil)
	if err != nil || len(pushed[0].Notices) != 1 || !strings.Contains(pushed[0].Notices[0], theirs.Descriptor.Digest.String()) {
		t.Errorf("%+v, %v", pushed, err)
	}
	if found, err := w.client().Resolve(t.Context(), theirs.Ref); err != nil || found.Digest != theirs.Descriptor.Digest {
		t.Errorf("their signature is %s, %v", found.Digest, err)
	}
}
