package demo

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// gitServer takes pushes of any repository, as git speaks over HTTP (git-http-backend(1)), so that a person can bring one to the
// demo's GitHub, whose API has it from then on.
type gitServer struct {
	dir   string                                       // of the bare repositories, owner/name.git
	token string                                       // password of any user
	adopt func(ctx context.Context, name string) error // lets the API have a repository, which is made where it is missing

	mu      sync.Mutex
	adopted map[string]bool
	server  *http.Server
	address string
}

// gitPath is a request for a repository: owner, name, and what git asks for.
var gitPath = regexp.MustCompile(`^/([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9_][A-Za-z0-9_.-]*)\.git/` +
	`(?:info/refs|git-upload-pack|git-receive-pack)$`)

// start begins to serve on a free port of 127.0.0.1.
func (g *gitServer) start(ctx context.Context) error {
	program, err := exec.LookPath("git")
	if err != nil {
		return fmt.Errorf("finding git: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening for pushes: %w", err)
	}
	backend := &cgi.Handler{Path: program, Args: []string{"http-backend"}, InheritEnv: []string{"PATH", "HOME"}, Env: []string{
		"GIT_PROJECT_ROOT=" + g.dir, "GIT_HTTP_EXPORT_ALL=1",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.receivepack", "GIT_CONFIG_VALUE_0=true",
	}}
	g.adopted, g.address = map[string]bool{}, listener.Addr().String()
	g.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.serve(w, r, backend)
	})}
	go func() { _ = g.server.Serve(listener) }() // it ends by Close
	return nil
}

// URL returns the address below which repositories are, with the password in it.
func (g *gitServer) URL() string { return "http://demo:" + g.token + "@" + g.address }

func (g *gitServer) close() error {
	if g == nil || g.server == nil {
		return nil
	}
	return g.server.Close()
}

func (g *gitServer) serve(w http.ResponseWriter, r *http.Request, backend http.Handler) {
	_, password, _ := r.BasicAuth()
	if subtle.ConstantTimeCompare([]byte(password), []byte(g.token)) != 1 {
		w.Header().Set("WWW-Authenticate", `Basic realm="demo"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	match := gitPath.FindStringSubmatch(r.URL.Path)
	if match == nil {
		http.NotFound(w, r)
		return
	}
	if err := g.adoptOnce(r.Context(), match[1]+"/"+match[2]); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	backend.ServeHTTP(w, r)
}

// adoptOnce does so for a repository that it has not been done for.
func (g *gitServer) adoptOnce(ctx context.Context, name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := strings.ToLower(name)
	if g.adopted[key] {
		return nil
	}
	if err := g.adopt(ctx, name); err != nil {
		return err
	}
	g.adopted[key] = true
	return nil
}
