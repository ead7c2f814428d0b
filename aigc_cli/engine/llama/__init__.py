"""The engine that runs a GGUF model in this process; the only importer of ``llama_cpp``.

Reading order: `settings`, `binding` (the C functions), `model` (weights and tokenizer), `chat` (messages to
tokens), `context` (what has been evaluated), `sampler`, `text`, `loop` (the token loop), `engine` (puts them together).
"""
