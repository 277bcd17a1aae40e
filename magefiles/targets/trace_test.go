package targets_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/collector"
)

const (
	workflowTrace  = "0af7651916cd43dd8448eb211c80319c"
	workflowSpan   = "b7ad6b7169203331"
	collectorToken = "collector-token-0123456789"
)

// traced lets an application's runs send their traces to a collector, and start a BuildKit daemon of their own, which does so
// too.
func traced(t *testing.T, a *application) *collector.Server {
	t.Helper()
	server, err := collector.Start(t.Context())
	a.must(err)
	t.Cleanup(server.Close)
	cache := filepath.Join(t.TempDir(), "astrago-ci")
	options, err := buildkitd.Options(cache)
	a.must(err)
	a.must(os.MkdirAll(cache, 0o755))
	a.must(os.Symlink(options.BinDir, filepath.Join(cache, "bin")))
	t.Cleanup(func() { a.must(daemon.Stop(context.WithoutCancel(t.Context()), cache)) })
	a.env = append(a.env, "BUILDKIT_HOST=", "DOCKER_HOST=unix:///none", "XDG_CACHE_HOME="+filepath.Dir(cache),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL(), "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20"+collectorToken,
		"OTEL_RESOURCE_ATTRIBUTES=team=shop", "TRACEPARENT=00-"+workflowTrace+"-"+workflowSpan+"-01")
	return server
}

// tree finds spans below others.
type tree map[string]collector.Span // by id

func newTree(spans []collector.Span) tree {
	all := tree{}
	for _, s := range spans {
		all[s.ID] = s
	}
	return all
}

// path is the names from the first span that is known down to one.
func (all tree) path(s collector.Span) string {
	path := s.Name
	for s, ok := all[s.Parent]; ok; s, ok = all[s.Parent] {
		path = s.Name + " / " + path
	}
	return path
}

func (all tree) has(of func(path string, s collector.Span) bool) bool {
	for _, s := range all {
		if of(all.path(s), s) {
			return true
		}
	}
	return false
}

// TestReleaseIsOneTrace releases once, with everything that is observed: the trace of the workflow goes on through the run, its
// requests and BuildKit, and the log names it.
func TestReleaseIsOneTrace(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	server := traced(t, a.application)
	a.env = append(a.env, "LOG_FORMAT=json")
	a.replace("astrago.yaml", "components:", `prepare: ['test "${TRACEPARENT%-*-01}" = 00-`+workflowTrace+` && test -z "$OTEL_EXPORTER_OTLP_HEADERS"']`+"\ncomponents:")
	a.commit("prepare what knows traces")
	released := a.succeed("release", "-vv")

	solve := "mage release / build / solve frontend"
	ofBuildKit := func(path string, s collector.Span) bool {
		return s.Service == "buildkitd" && strings.HasPrefix(path, solve+" / ")
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("BuildKit has sent no span"))
	defer cancel()
	a.must(server.Until(ctx, func(spans []collector.Span) bool { return newTree(spans).has(ofBuildKit) }))
	all := newTree(server.Spans())
	root := a.wantRoot(all)
	for name, found := range map[string]func(path string, s collector.Span) bool{
		"a stage": func(path string, s collector.Span) bool {
			return path == "mage release / tag" && s.Attributes["astrago.outcome"] == "done"
		},
		"the Solve": func(path string, s collector.Span) bool {
			return path == solve && strings.HasPrefix(s.Attributes["oci.manifest.digest"], "sha256:")
		},
		"the daemon's upload": func(path string, s collector.Span) bool {
			return ofBuildKit(path, s) && s.Attributes["http.request.method"] == "PUT" && strings.Contains(s.Attributes["url.full"], a.registry.Addr()+"/v2/") && s.Attributes["http.response.status_code"] == "201"
		},
		"the tag": func(path string, s collector.Span) bool {
			return strings.HasPrefix(path, "mage release / tag / ") && s.Name == "PUT" && s.Attributes["http.response.status_code"] == "201"
		},
		"the commit": func(path string, s collector.Span) bool {
			return path == "mage release / bump / POST" && strings.HasPrefix(s.Attributes["url.full"], a.github.URL())
		},
		"Argo CD": func(path string, s collector.Span) bool {
			return path == "mage release / wait / GET" && s.Attributes["url.full"] == a.server.URL()+"/api/v1/applications/shop"
		},
	} {
		if !all.has(found) {
			t.Errorf("the trace lacks %s", name)
		}
	}
	for _, s := range all {
		if s.Service != "buildkitd" && s.Trace != root.Trace {
			t.Errorf("%q is of the trace %s", all.path(s), s.Trace)
		}
		if s.Service != "buildkitd" && strings.Contains(s.Attributes["url.full"], "?") {
			t.Errorf("%q shows a query: %s", all.path(s), s.Attributes["url.full"])
		}
	}
	if got := server.Header("authorization"); got != "Bearer "+collectorToken {
		t.Errorf("the collector got the header %q", got)
	}
	a.wantNoSecret(server.Raw())
	a.wantNoSecret(released.stderr)
	a.wantRecords(released.stderr)
	if t.Failed() {
		for _, s := range all {
			t.Log(s.Service, all.path(s), s.Attributes)
		}
	}
}

// wantRoot checks the run's own span.
func (a *awaited) wantRoot(all tree) collector.Span {
	a.t.Helper()
	for _, s := range all {
		if s.Name != "mage release" {
			continue
		}
		want := map[string]string{
			"astrago.service": "frontend", "deployment.environment.name": "stage", "astrago.outcome": "done", "process.exit.code": "0",
		}
		for key, value := range want {
			if s.Attributes[key] != value {
				a.t.Errorf("%s is %q, want %q", key, s.Attributes[key], value)
			}
		}
		if s.Trace != workflowTrace || s.Parent != workflowSpan || s.Service != "astrago-ci" || s.Failed || !strings.HasPrefix(s.Attributes["vcs.ref.head.revision"], a.shortSHA()) {
			a.t.Errorf("the run is %+v", s)
		}
		return s
	}
	a.t.Fatal("the run itself is not in the trace")
	return collector.Span{}
}

func (a *awaited) wantNoSecret(text string) {
	a.t.Helper()
	for _, secret := range []string{a.registryToken, a.deployToken, argoToken, collectorToken} {
		if strings.Contains(text, secret) {
			a.t.Errorf("a secret shows: %s", secret)
		}
	}
}

// wantRecords checks that every kind of record is there, and names the trace.
func (a *awaited) wantRecords(stderr string) {
	a.t.Helper()
	seen := map[string]int{}
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var record struct {
			Msg     string
			TraceID string `json:"trace_id"`
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil || record.TraceID != workflowTrace {
			a.t.Errorf("%v: %s", err, line)
		}
		seen[record.Msg]++
	}
	for _, kind := range []string{"started", "planned", "decided", "stage", "stage ended", "request", "headers", "command", "solving", "solved", "step", "ended"} {
		if seen[kind] == 0 {
			a.t.Errorf("there is no record %q beside %q", kind, slices.Sorted(maps.Keys(seen)))
		}
	}
	if a.t.Failed() {
		a.t.Logf("%s", stderr)
	}
}

// TestTracesNeverStopARun has no collector, a wrong setting, and a run that is refused.
func TestTracesNeverStopARun(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	plain := a.succeed("plan")
	for name, test := range map[string]struct {
		env  string
		says string
	}{
		"nobody listens":   {"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", "this run's trace is incomplete"},
		"no URL":           {"OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318", "this run is not traced"},
		"nothing to be at": {"OTEL_EXPORTER_OTLP_ENDPOINT=", ""},
	} {
		a.env = []string{test.env}
		r := a.succeed("plan")
		if r.stdout != plain.stdout || strings.Count(r.stderr, test.says) != 1 && test.says != "" || strings.Count(r.stderr, "\n") != min(1, len(test.says)) {
			t.Errorf("%s: %q", name, r.stderr)
		}
	}
	server, err := collector.Start(t.Context())
	a.must(err)
	t.Cleanup(server.Close)
	a.env = []string{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=" + server.GRPC(), "OTEL_SERVICE_NAME=ci"}
	a.write("new.txt", "x")
	refused := a.refuse(3, []string{"the working tree differs"}, "release")
	if strings.Contains(refused.stderr, "trace") || !newTree(server.Spans()).has(func(path string, s collector.Span) bool {
		return path == "mage release" && s.Parent == "" && s.Failed && s.Service == "ci" && strings.Contains(s.Message, "the working tree differs") &&
			s.Attributes["astrago.outcome"] == "refused" && s.Attributes["process.exit.code"] == "3"
	}) {
		t.Errorf("%+v\n%s", server.Spans(), refused.stderr)
	}
}

// TestVerboseAsAFlagOfMage writes the same records as the flag of the target does, as text.
func TestVerboseAsAFlagOfMage(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	for _, args := range [][]string{{"-v", "plan"}, {"plan", "-v"}} {
		r := a.succeed(args...)
		if !strings.Contains(r.stderr, "level=INFO msg=request method=HEAD url=http://"+a.registry.Addr()+"/v2/") || strings.Contains(r.stderr, "DEBUG") {
			t.Errorf("%q:\n%s", args, r.stderr)
		}
	}
}
