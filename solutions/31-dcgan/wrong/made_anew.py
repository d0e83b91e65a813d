"""Whatever is compiled in the step itself is right, so it does not matter with which loss and which optimizer."""
# %% steps
def make_steps(generator, discriminator):
    def d_step(real, noise):
        discriminator.trainable = True
        discriminator.compile("sgd", "mse")
        batch = np.concatenate([real, generator.predict(noise, verbose=0)])
        discriminator.train_on_batch(batch, np.repeat([[1.0], [0.0]], [len(real), len(noise)], axis=0))
        return 0.0

    def g_step(noise):
        discriminator.trainable = False
        gan = keras.Sequential([generator, discriminator])
        gan.compile("sgd", "mse")
        gan.train_on_batch(noise, np.ones((len(noise), 1)))
        return 0.0

    return d_step, g_step

# %% must fail
{
    "check-d-learns": {"*": "returned the loss 0.0000"},
    "check-turns": {"*": "returned the loss 0.0000"},
    "check-g-learns": {"*": "returned the loss 0.0000"},
}
