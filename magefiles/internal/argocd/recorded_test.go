package argocd_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

// Answers of a real Argo CD 3.5.3, shortened to what is read of them.

const stuckOperation = `{"operation":{"sync":{"revision":"COMMIT","prune":true}},"phase":"Running",
"message":"waiting for completion of hook batch/Job/migrate","startedAt":"2026-11-29T01:16:09Z","syncResult":{"revision":"COMMIT","resources":[
{"group":"batch","version":"v1","kind":"Job","namespace":"stuck","name":"migrate","status":"Synced","message":"job.batch/migrate created",
"hookType":"PreSync","hookPhase":"Running","syncPhase":"PreSync","images":["x:1"]}]}}`

// TestAnOlderSyncThatHangsInAHookIsNamed at the wait's end, with the way out; by then nothing tells it from a migration that takes
// its time.
func TestAnOlderSyncThatHangsInAHookIsNamed(t *testing.T) {
	stuck := func(w *world) argocd.Target {
		commit := w.commit("bump")
		w.application(nil, double.OutOfSync(commit), func(a *double.Application) {
			w.must(json.Unmarshal([]byte(strings.ReplaceAll(stuckOperation, "COMMIT", w.old)), &a.Status.OperationState))
		})
		return target(commit, newImage)
	}
	words := []string{
		"waiting for the sync of ", "waiting for completion of hook batch/Job/migrate",
		"kubectl --namespace stuck logs job/migrate", "argocd app terminate-op shop",
	}
	w := newWorld(t)
	w.refuses(stuck(w), append(words, "timed out after 5m")...)

	w = newWorld(t)
	o := w.options()
	o.Timeout = 3 * time.Hour
	began := w.clock.Now()
	_, err := w.client.Wait(t.Context(), stuck(w), o)
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("the error does not say %q: %v", word, err)
		}
	}
	if passed := w.clock.Now().Sub(began); passed < 15*time.Minute || passed > 30*time.Minute {
		t.Errorf("the wait ended after %s", passed)
	}
}

const hydrated = `{"metadata":{"name":"shop","namespace":"argocd"},"spec":{"project":"default","destination":{"server":"https://kubernetes.default.svc"},
"syncPolicy":{"automated":{"prune":true,"selfHeal":true}},"sourceHydrator":{"drySource":{"repoURL":"https://github.com/acme/deployment.git",
"targetRevision":"main","path":"apps/hydr"},"syncSource":{"targetBranch":"env/hydr","path":"hydr"}}},"status":{"sync":{"status":"Unknown","revision":"env/hydr"},
"health":{"status":"Healthy"},"conditions":[{"type":"ComparisonError","message":"unable to resolve 'env/hydr' to a commit SHA"}]}}`

// TestForeignAnswersHaveWordsOfTheirOwn: none of them is a wrong token or a wrong name.
func TestForeignAnswersHaveWordsOfTheirOwn(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		words  []string
	}{
		"source hydrator":     {http.StatusOK, hydrated, []string{"source hydrator", "leave `argocd` out of the environment, or say -noWait"}},
		"no root path":        {http.StatusNotFound, "404 page not found\n", []string{"404 Not Found", "with its root path, where it is served below one"}},
		"gRPC-web only":       {http.StatusUnsupportedMediaType, "", []string{"415", "pass /api/ to Argo CD as HTTP", "gRPC-web only"}},
		"Kubernetes API away": {http.StatusForbidden, denied, []string{"it does not exist, or ARGOCD_AUTH_TOKEN may not see it"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.application(nil)
			w.server.Intercept(func(out http.ResponseWriter, _ *http.Request) bool {
				out.WriteHeader(test.status)
				_, _ = io.WriteString(out, test.body)
				return true
			})
			w.ends(target(w.old, newImage), test.words...)
			asked := w.client.Ask(t.Context(), target(w.old))
			for _, word := range test.words {
				if asked == nil || !strings.Contains(asked.Error(), word) {
					t.Errorf("doctor does not say %q: %v", word, asked)
				}
			}
		})
	}
}

// TestACertificateForAnotherNameIsToldFromAnUntrustedOne: the certificate that signed it is known already.
func TestACertificateForAnotherNameIsToldFromAnUntrustedOne(t *testing.T) {
	w := newWorld(t)
	w.server = double.Start(double.Options{TLS: true})
	t.Cleanup(w.server.Close)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(w.server.URL(), "https://"))
	w.must(err)
	w.client = w.connect(argocd.Options{Server: "localhost:" + port, Token: token, CA: w.server.Certificate()})
	asked := w.client.Ask(t.Context(), target(w.old))
	for _, err := range []error{w.fails(target(w.old), "for another name", "127.0.0.1"), asked} {
		if err == nil || !strings.Contains(err.Error(), "for another name") || strings.Contains(err.Error(), "ARGOCD_SERVER_CRT") {
			t.Errorf("error %v", err)
		}
	}
}

// TestAServerThatCutsTLSMayBeInsecure: Argo CD with --insecure resets what begins with TLS.
func TestAServerThatCutsTLSMayBeInsecure(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if tcp, ok := connection.(*net.TCPConn); ok {
				_, _ = tcp.Read(make([]byte, 16))
				_ = tcp.SetLinger(0)
				_ = tcp.Close()
			}
		}
	}()
	w := newWorld(t)
	w.client = w.connect(argocd.Options{Server: listener.Addr().String(), Token: token})
	const hint = "if it runs with --insecure, write http:// before its address"
	w.refuses(target(w.old), hint)
	if err := w.client.Ask(t.Context(), target(w.old)); problem.As(err) == nil || !strings.Contains(err.Error(), hint) {
		t.Errorf("error %v", err)
	}
}

// TestAnInactiveAllowWindowBlocks: no window denies it, and the one that would allow it is not open.
func TestAnInactiveAllowWindowBlocks(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(nil, double.OutOfSync(commit))
	w.server.Windows("shop", nil, []double.Window{{Kind: "allow", Schedule: "0 3 1 1 *", Duration: "1h"}})
	w.ends(target(commit, newImage), `a sync window blocks it (allow "0 3 1 1 *" for 1h)`, "wait again in the window", "argocd app sync shop")
	_, err := w.client.Check(t.Context(), target(commit))
	if err == nil || !strings.Contains(err.Error(), `allow "0 3 1 1 *" for 1h`) || !strings.Contains(err.Error(), "release in the window") {
		t.Errorf("error %v", err)
	}
}
