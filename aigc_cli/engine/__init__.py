"""What computes the next token: llama.cpp in this process, a server over HTTP, or an echo for tests."""
