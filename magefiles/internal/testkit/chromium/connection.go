package chromium

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
)

// connection carries calls and events, each a document of JSON that ends with a zero byte.
type connection struct {
	out, in *os.File

	mu       sync.Mutex
	next     int
	waiting  map[int]chan message
	listener map[string]func(method string, params json.RawMessage) // by session
	ended    error
}

type message struct {
	ID        int             `json:"id,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

var errEnded = errors.New("chromium has ended")

func connect(out, in *os.File) *connection {
	c := &connection{out: out, in: in, waiting: map[int]chan message{}, listener: map[string]func(string, json.RawMessage){}}
	go c.read()
	return c
}

func (c *connection) close() { _, _ = c.out.Close(), c.in.Close() }

func (c *connection) read() {
	input := bufio.NewReader(c.in)
	for {
		line, err := input.ReadBytes(0)
		if err != nil {
			c.end()
			return
		}
		var m message
		if json.Unmarshal(bytes.TrimSuffix(line, []byte{0}), &m) == nil {
			c.deliver(m)
		}
	}
}

func (c *connection) deliver(m message) {
	c.mu.Lock()
	answer, listener := c.waiting[m.ID], c.listener[m.SessionID]
	delete(c.waiting, m.ID)
	c.mu.Unlock()
	switch {
	case m.ID != 0 && answer != nil:
		answer <- m
	case m.Method != "" && listener != nil:
		listener(m.Method, m.Params)
	}
}

func (c *connection) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = errEnded
	for id, answer := range c.waiting {
		close(answer)
		delete(c.waiting, id)
	}
}

func (c *connection) listen(session string, listener func(string, json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listener[session] = listener
}

// call waits for the answer; into may be nil.
func (c *connection) call(ctx context.Context, session, method string, params, into any) error {
	encoded, err := json.Marshal(params)
	if err != nil {
		return err
	}
	answer := make(chan message, 1)
	if err := c.send(message{SessionID: session, Method: method, Params: encoded}, answer); err != nil {
		return fmt.Errorf("calling %s: %w", method, err)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("calling %s: %w", method, context.Cause(ctx))
	case m, ok := <-answer:
		switch {
		case !ok:
			return fmt.Errorf("calling %s: %w", method, errEnded)
		case m.Error != nil:
			return fmt.Errorf("calling %s: %s", method, m.Error.Message)
		case into == nil:
			return nil
		}
		return json.Unmarshal(m.Result, into)
	}
}

func (c *connection) send(m message, answer chan message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil {
		return c.ended
	}
	c.next++
	m.ID = c.next
	c.waiting[m.ID] = answer
	data, err := json.Marshal(m)
	if err == nil {
		_, err = c.out.Write(append(data, 0))
	}
	return err
}
